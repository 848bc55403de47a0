package delivery

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// benchBatch is how many records a batch of 1 MB holds.
const benchBatch = 3000

// BenchmarkRecord is all that the ledger costs a record: emission, the append,
// reading its origin in the output, the report, the commit.
func BenchmarkRecord(b *testing.B) {
	now := time.Unix(1_700_000_000, 0)
	bench := newBench(b, now)
	b.ReportAllocs()
	for n := 0; n < b.N; n += benchBatch {
		now = now.Add(30 * time.Millisecond)
		bench.emit(now)
		bench.deliver(now)
	}
}

// BenchmarkOrigins is the part of it that reads metadata.
func BenchmarkOrigins(b *testing.B) {
	bench := newBench(b, time.Unix(1_700_000_000, 0))
	var r Runs
	b.ReportAllocs()
	for n := 0; n < b.N; n += benchBatch {
		r.Reset()
		for _, m := range bench.metadata {
			r.AppendOrigins(m)
		}
	}
}

// benchWorld has an input of four partitions whose messages come in turns of
// 100, and an output.
type benchWorld struct {
	tb       testing.TB
	ledger   *Ledger
	output   *Output
	offset   [4]int64
	metadata [][]byte
	at       int // of the offset in it
	offsets  []Offset
	event    []byte
}

func newBench(tb testing.TB, now time.Time) *benchWorld {
	r := NewRegistry(now)
	w := &benchWorld{tb: tb, ledger: NewLedger(r, Options{Source: originA.Source, MaxInFlight: 64 << 20}), output: r.Join("out", "out.0")}
	if err := w.ledger.Start(); err != nil {
		tb.Fatal(err)
	}
	w.event = make([]byte, 1<<20)
	for p := range int32(4) {
		w.ledger.Assign(Partition{"logs", p})
		w.offset[p] = 1 << 32 // from here on the offset has eight bytes
	}
	for i := range benchBatch {
		p := int32(i / 100 % 4)
		w.metadata = append(w.metadata, metadata(nil, Origin{originA.Source, "logs", p, w.ledger.Assigned("logs", p).Number}, 1<<32))
		w.at = bytes.Index(w.metadata[0], []byte("offset")) + len("offset") + 1
	}
	w.emit(now) // so that there is metadata
	w.deliver(now)
	return w
}

// emit makes a batch and appends it. Writing metadata is the encoder's; here
// only the offset changes.
func (w *benchWorld) emit(now time.Time) {
	b := w.ledger.Batch("kafka")
	if cap(b.Events) < len(w.event) {
		b.Events = make([]byte, 0, len(w.event))
	}
	b.Events = b.Events[:len(w.event)]
	for i := range benchBatch {
		p := int32(i / 100 % 4)
		a := w.ledger.Assigned("logs", p)
		binary.BigEndian.PutUint64(w.metadata[i][w.at:], uint64(w.offset[p]))
		b.Emit(a, w.offset[p], now.UnixMilli())
		w.offset[p]++
	}
	if !w.ledger.Add(b, now) {
		w.tb.Fatal("a batch without records")
	}
	w.ledger.Appended(b, now)
}

func (w *benchWorld) deliver(now time.Time) {
	c := w.output.Chunk("kafka", len(w.event))
	for _, m := range w.metadata {
		c.Add(&chunk.Event{Metadata: m})
	}
	c.Start(now)
	c.Done(now)
	w.ledger.Taken(w.ledger.Appends(), now)
	w.ledger.Redeliver(nil, now)
	if w.offsets = w.ledger.Commit(w.offsets[:0]); len(w.offsets) != 4 {
		w.tb.Fatalf("committed %v", w.offsets)
	}
}

// TestAllocs holds the steady state to none per record.
func TestAllocs(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	w := newBench(t, now)
	allocs := testing.AllocsPerRun(200, func() {
		now = now.Add(time.Second)
		w.emit(now)
		w.deliver(now)
	})
	// The pools may be emptied by the collector, once in a while.
	if allocs > benchBatch/100 {
		t.Errorf("%v allocations for %d records", allocs, benchBatch)
	}
}
