package delivery_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
)

var (
	seeds   = flag.Int("seeds", defaultSeeds, "worlds of the model test")
	oneSeed = flag.Int("seed", -1, "the one world to run")
)

// scenarios are the kinds of worlds.
var scenarios = []struct {
	name  string
	fault faults
}{
	{"calm", faults{}},
	{"slow", faults{slow: 20, retry: 30, ringFull: 20}},
	{"half filtered", faults{filtered: 50}},
	{"blocks filtered", faults{filtered: 60, block: true, slow: 10, retry: 20}},
	{"all filtered", faults{filtered: 100}},
	{"rare flushes", faults{interval: 40, filtered: 70, block: true, ringLoss: 5}},
	{"turns", faults{turns: 1, slow: 10, filtered: 30}},
	{"turns, drops", faults{turns: 2, slow: 20, retry: 40, retries: 2, spread: 20}},
	{"spread", faults{filtered: 30, spread: 40, slow: 10}},
	{"ring loses", faults{ringLoss: 10, ringFull: 10}},
	{"ring loses, filtered", faults{ringLoss: 10, filtered: 50, block: true}},
	{"drops", faults{retry: 50, retries: 1}},
	{"drops, slow", faults{retry: 40, retries: 2, slow: 20, filtered: 30}},
	{"drops, spread", faults{retry: 40, retries: 2, slow: 10, spread: 30, filtered: 20}},
	{"parts", faults{retry: 50, partial: 60, slow: 20, filtered: 20}},
	{"drops, parts", faults{retry: 50, retries: 1, partial: 60, slow: 10}},
	{"evicts", faults{evict: 10, retry: 20}},
	{"silent drops", faults{retry: 40, retries: 1, silent: 30}},
	{"stripped", faults{strip: true, retry: 20, slow: 20}},
	{"stripped, drops", faults{strip: true, retry: 50, retries: 1, filtered: 20}},
	{"rebalances", faults{rebalance: 10, retry: 20, slow: 20}},
	{"rebalances, drops", faults{rebalance: 10, retry: 50, retries: 1, filtered: 30}},
	{"restarts", faults{restart: 4, retry: 20, slow: 20, filtered: 30}},
	{"everything", faults{
		filtered: 30, spread: 20, ringLoss: 5, ringFull: 10, retry: 40, partial: 30, retries: 2, evict: 2, silent: 5, slow: 20, rebalance: 5, restart: 2, turns: 3,
	}},
}

// TestModel runs the ledger in worlds that lose what they can: a committed
// offset never passes an unfinished record, the end is always reached, and an
// output gets a record once.
func TestModel(t *testing.T) {
	t.Parallel()
	if *oneSeed >= 0 {
		runSeed(t, *oneSeed)
		return
	}
	for seed := range *seeds {
		if runSeed(t, seed); t.Failed() {
			return
		}
	}
}

func runSeed(t *testing.T, seed int) {
	t.Helper()
	s := scenarios[seed%len(scenarios)]
	outputs := 1 + seed/len(scenarios)%3
	w := newWorld(uint64(seed), s.fault, outputs, 1+seed/7%outputs)
	for range 80 {
		w.step()
	}
	w.recover()
	if w.problem != "" {
		t.Errorf("-seed %d (%s, %d outputs, %d acked): %s", seed, s.name, outputs, len(w.acked), w.problem)
	}
}

// step is a tick of everything.
func (w *world) step() {
	if w.problem != "" {
		return
	}
	w.now = w.now.Add(tick)
	if w.percent(w.fault.restart) {
		w.start()
	}
	if w.percent(w.fault.rebalance) {
		id := int32(w.rng.IntN(len(w.logs)))
		if w.assigned[id] != nil {
			w.revoke(id)
		} else {
			w.assign(id)
		}
	}
	w.read()
	w.take()
	w.collect()
	w.take()
	w.flush()
	w.poll()
	if w.percent(30) {
		for _, o := range w.ledger.Commit(nil) {
			w.commit(o)
		}
	}
}

// recover ends all faults, but filters, and runs until all is committed.
func (w *world) recover() {
	w.fault = faults{filtered: w.fault.filtered, block: w.fault.block, spread: w.fault.spread, turns: w.fault.turns, strip: w.fault.strip}
	for id := range w.logs {
		if w.assigned[int32(id)] == nil {
			w.assign(int32(id))
		}
	}
	calm := time.Duration(0)
	for range 20_000 {
		if w.step(); w.problem != "" || w.done() {
			return
		}
		// Hours pass only while nothing happens.
		if len(w.flights)+len(w.queued)+len(w.chunks)+len(w.ring)+len(w.unappended) > 0 {
			calm = 0
		} else if calm += tick; calm > 5*time.Minute {
			w.now = w.now.Add(10 * time.Second)
		}
	}
	w.fail("the end is not reached: committed %v, in flight %+v", w.committed, w.ledger.Stats())
}

func (w *world) done() bool {
	for id, log := range w.logs {
		if w.committed[id] <= log[len(log)-1] {
			return false
		}
	}
	if s := w.ledger.Stats(); s.Batches+s.Bytes+s.Records != 0 {
		w.fail("all is committed and %+v in flight", s)
	}
	for _, o := range w.ledger.AtExit(nil) {
		if o.Next != w.committed[o.ID] {
			w.fail("partition %d: %d at the end, committed %d", o.ID, o.Next, w.committed[o.ID])
		}
	}
	return true
}

func ExampleLedger() {
	now := time.Unix(1_700_000_000, 0)
	registry := delivery.NewRegistry(now)
	ledger := delivery.NewLedger(registry, delivery.Options{Source: theSrc, MaxInFlight: 64 << 20})
	output := registry.Join("tidegate_loki", "tidegate_loki.0")
	if err := ledger.Start(); err != nil {
		fmt.Println(err)
	}

	// The reader, and then the input.
	a := ledger.Assign(delivery.Partition{Topic: topic, ID: 3})
	b := ledger.Batch("kafka")
	b.Events = append(b.Events, "the event of offset 42"...)
	b.Emit(a, 42, now.UnixMilli())
	if ledger.Add(b, now) {
		ledger.Appended(b, now)
	}

	// An output.
	c := output.Chunk("kafka", 100)
	c.Add(&chunk.Event{Metadata: appendMetadata(nil, theSrc, a.Number, 3, 42)})
	c.Start(now)
	fmt.Println(ledger.Commit(nil))
	c.Done(now)
	fmt.Println(ledger.Commit(nil))
	// Output:
	// [{{logs 3} 42}]
	// [{{logs 3} 43}]
}
