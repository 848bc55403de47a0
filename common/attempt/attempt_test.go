package attempt_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/attempt"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/plugin"
)

var start = time.Unix(1_700_000_000, 0)

const theSource = 7

// world is an input with one batch of records, and an output.
type world struct {
	ledger   *delivery.Ledger
	attempts *attempt.Attempts
	chunk    []byte
}

func newWorld(t *testing.T, records int) *world {
	t.Helper()
	registry := delivery.NewRegistry(start)
	w := &world{
		ledger:   delivery.NewLedger(registry, delivery.Options{Source: theSource, MaxInFlight: 1 << 20}),
		attempts: attempt.New(registry.Join("tidegate_loki", "loki")),
	}
	if err := w.ledger.Start(); err != nil {
		t.Fatal(err)
	}
	a := w.ledger.Assign(delivery.Partition{Topic: "logs"})
	b := w.ledger.Batch("t")
	for i := range records {
		b.Events = appendEvent(b.Events, a.Number, int64(i))
		b.Emit(a, int64(i), 0)
	}
	w.chunk = slices.Clone(b.Events)
	if !w.ledger.Add(b, start) {
		t.Fatal("nothing to append")
	}
	w.ledger.Appended(b, start)
	return w
}

func appendEvent(dst []byte, assignment uint32, offset int64) []byte {
	dst = chunk.AppendEventHeader(dst, 1, 0)
	dst = chunk.AppendMapHeader(chunk.AppendString(chunk.AppendMapHeader(dst, 1), "kafka"), 4)
	dst = chunk.AppendString(chunk.AppendString(dst, "topic"), "logs")
	dst = chunk.AppendInt(chunk.AppendString(dst, "partition"), 0)
	dst = chunk.AppendInt(chunk.AppendString(dst, "offset"), offset)
	dst = chunk.AppendArrayHeader(chunk.AppendString(dst, "origin"), 2)
	dst = chunk.AppendUint(chunk.AppendUint(dst, theSource), uint64(assignment))
	return chunk.AppendMapHeader(dst, 0)
}

// read returns the records that an attempt is to send, and those rejected.
func read(a *attempt.Attempt, unfit int) (sent []int, rejected int) {
	a.Read(nil, func(record int, _ *chunk.Event) error {
		if record == unfit {
			return errors.New("no")
		}
		sent = append(sent, record)
		return nil
	}, func(error, bool) { rejected++ })
	return sent, rejected
}

// committed returns the offset to commit, -1 for none.
func (w *world) committed() int64 {
	if o := w.ledger.Commit(nil); len(o) > 0 {
		return o[0].Next
	}
	return -1
}

func TestSettledIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	w.committed() // where reading starts

	a := w.attempts.Begin("t", w.chunk)
	if sent, rejected := read(a, 3); !slices.Equal(sent, []int{0, 1, 2, 4}) || rejected != 1 || a.Again {
		t.Fatal(sent, rejected, a.Again)
	}
	a.Start(start)
	a.Settle(0)
	a.Settle(2)
	if a.End(plugin.Retry, start) != plugin.Retry {
		t.Fatal("another result")
	}
	if n := w.committed(); n != 1 {
		t.Errorf("%d is committed, only record 0 is delivered up to there", n)
	}

	a = w.attempts.Begin("t", w.chunk)
	if sent, rejected := read(a, 3); !slices.Equal(sent, []int{1, 4}) || rejected != 0 || !a.Again {
		t.Fatal(sent, rejected, a.Again)
	}
	a.Start(start)
	a.End(plugin.OK, start)
	if n := w.committed(); n != 5 {
		t.Errorf("%d is committed of 5", n)
	}
}

func TestBrokenRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	broken := append(slices.Clone(w.chunk), 0xc1)
	for _, want := range []int{1, 0} {
		a := w.attempts.Begin("t", broken)
		if sent, rejected := read(a, -1); len(sent) != 2 || rejected != want {
			t.Error(sent, rejected, want)
		}
		a.Start(start)
		a.End(plugin.Retry, start)
	}
	a := w.attempts.Begin("t", broken)
	read(a, -1)
	a.Start(start)
	a.End(plugin.Error, start)
	if n := w.committed(); n != 2 {
		t.Errorf("%d is committed: what the agent drops at our word is finished", n)
	}
}

func TestPostponedIsPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.committed()
	if w.attempts.Postpone("t", w.chunk, start) != plugin.Retry {
		t.Error("another result")
	}
	// However long it takes: the output has the chunk.
	later := start.Add(time.Hour)
	w.ledger.Taken(delivery.Count{Records: 2}, later)
	if again := w.ledger.Redeliver(nil, later); len(again) > 0 || w.committed() >= 0 {
		t.Errorf("%d batches to append again, or a commit", len(again))
	}
}

// The walk of an output steps over the bodies of records, unless it would read what is
// not to be sent.
func TestWalk(t *testing.T) {
	t.Parallel()
	f := func(want int, options delivery.Options) {
		t.Helper()
		registry := delivery.NewRegistry(start)
		attempts := attempt.New(registry.Join("tidegate_loki", "loki"))
		ledger := delivery.NewLedger(registry, options)
		if err := ledger.Start(); err != nil {
			t.Fatal(err)
		}
		data := appendEvent(appendEvent(nil, 1, 0), 1, 1)
		walked := 0
		a := attempts.Begin("t", data)
		records := a.Read(func([]byte) int { walked++; return 0 }, func(int, *chunk.Event) error { return nil }, func(error, bool) {})
		if records != 2 || walked != want {
			t.Errorf("%d records, %d walked over, want %d", records, walked, want)
		}
	}
	f(2, delivery.Options{Source: theSource, MaxInFlight: 1 << 20})
	f(0, delivery.Options{Source: theSource, MaxInFlight: 1 << 20, InRecord: true})
}
