package delivery

import (
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

var (
	start  = time.Unix(1_700_000_000, 0)
	theOne = Partition{"logs", 3}
)

// pair is a ledger with the outputs that it waits for.
type pair struct {
	t       *testing.T
	ledger  *Ledger
	outputs []*Output
	a       *Assignment
}

func newPair(t *testing.T, outputs ...string) *pair {
	r := NewRegistry(start)
	p := &pair{t: t, ledger: NewLedger(r, Options{Source: originA.Source, MaxInFlight: 1 << 20, AckFrom: outputs})}
	for _, name := range outputs {
		p.outputs = append(p.outputs, r.Join("out", name))
	}
	if err := p.ledger.Start(); err != nil {
		t.Fatal(err)
	}
	p.a = p.ledger.Assign(theOne)
	return p
}

// emit appends a batch of offsets [first, last].
func (p *pair) emit(first, last int64, now time.Time) {
	b := p.ledger.Batch("kafka")
	for offset := first; offset <= last; offset++ {
		b.Events = append(b.Events, 0)
		b.Emit(p.a, offset, offset*1000)
	}
	if p.ledger.Add(b, now) {
		p.ledger.Appended(b, now)
	}
}

// chunk starts a chunk of offsets [first, last].
func (p *pair) chunk(output int, assignment uint32, first, last int64, now time.Time) *Chunk {
	c := p.outputs[output].Chunk("kafka", int(last-first))
	for offset := first; offset <= last; offset++ {
		c.Add(&chunk.Event{Metadata: metadata(nil, Origin{originA.Source, theOne.Topic, theOne.ID, assignment}, offset)})
	}
	c.Start(now)
	return c
}

// committed holds the next commit: -1 for none.
func (p *pair) committed(want int64) {
	p.t.Helper()
	got := int64(-1)
	if list := p.ledger.Commit(nil); len(list) > 0 {
		got = list[0].Next
	}
	if got != want {
		p.t.Errorf("committed %d, want %d", got, want)
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a", "b")
	p.committed(-1)
	p.emit(10, 19, start)
	p.committed(10) // where reading started
	p.emit(30, 39, start)
	p.chunk(0, p.a.Number, 10, 39, start).Done(start)
	p.committed(-1)
	p.chunk(1, p.a.Number, 10, 14, start).Done(start)
	p.committed(15)
	p.chunk(1, p.a.Number, 30, 39, start).Done(start)
	p.committed(-1)
	p.chunk(1, p.a.Number, 15, 19, start).Done(start)
	p.committed(40)
	p.ledger.NotCommitted([]Offset{{theOne, 40}})
	p.committed(40)
	p.committed(-1)
}

// TestStuck keeps one record from being delivered while thousands of batches
// pass it.
func TestStuck(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	p.emit(0, 9, start)
	for n := int64(1); n < 5000; n++ {
		p.emit(10*n, 10*n+9, start)
		p.chunk(0, p.a.Number, 10*n, 10*n+9, start).Done(start)
	}
	if n := len(p.a.queue); n > 100 {
		t.Errorf("%d segments are kept", n)
	}
	p.committed(0)
	if n := p.ledger.Unfinished(theOne); n != 10 {
		t.Errorf("%d unfinished", n)
	}
	p.chunk(0, p.a.Number, 0, 9, start).Done(start)
	p.committed(50_000)
}

func TestAssignments(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	p.emit(0, 9, start)
	old := p.a.Number
	open := p.chunk(0, old, 0, 4, start)
	open.Done(start)
	if offset, moved := p.ledger.Revoke(theOne); offset != 5 || !moved {
		t.Errorf("revoking: %d, %v", offset, moved)
	}
	if s := p.ledger.Stats(); s.Batches+s.Bytes+s.Records != 0 {
		t.Errorf("in flight after revoking: %+v", s)
	}
	p.committed(-1)
	if p.ledger.Assigned(theOne.Topic, theOne.ID) != nil {
		t.Error("still assigned")
	}
	p.a = p.ledger.Assign(theOne)
	p.emit(5, 9, start)
	p.committed(5)
	p.chunk(0, old, 5, 9, start).Done(start) // of the old assignment
	p.committed(-1)
	p.chunk(0, 1_600_000_000, 5, 6, start).Done(start) // of an earlier run
	p.committed(7)
	// What an earlier run's chunk says is no sign of this run's.
	for s := range 30 {
		p.ledger.Taken(Count{Records: 5}, start.Add(time.Duration(s)*time.Second))
		p.ledger.Redeliver(nil, start.Add(time.Duration(s)*time.Second))
	}
	p.committed(-1)
}

// TestRewind sends the group's position back, as on a topic that was made anew.
func TestRewind(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	p.emit(100, 109, start)
	p.committed(100)
	p.emit(0, 9, start)
	p.chunk(0, p.a.Number, 100, 109, start).Done(start)
	p.committed(-1)
	p.chunk(0, p.a.Number, 0, 9, start).Done(start)
	p.committed(-1) // never back
	p.emit(10, 109, start)
	p.chunk(0, p.a.Number, 10, 109, start).Done(start)
	p.committed(110)
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	b := p.ledger.Batch("kafka")
	b.EmitDeadLetter(p.a, 7, 0)
	b.Pass(p.a, 9)
	if p.ledger.Add(b, start) {
		t.Error("there is something to append")
	}
	p.emit(9, 9, start)
	p.chunk(0, p.a.Number, 9, 9, start).Done(start)
	p.committed(7)
	late := start.Add(24 * time.Hour)
	if r := p.ledger.Redeliver(nil, late); len(r) > 0 {
		t.Errorf("redelivered: %v", r)
	}
	p.committed(-1)
	p.ledger.DeadLettered(p.a, 7, late)
	p.committed(10)
}

func TestOldest(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	if _, ok := p.ledger.Oldest(); ok {
		t.Error("something is the oldest of nothing")
	}
	p.emit(100, 101, start)
	other := Partition{"logs", 4}
	mine := p.a
	p.a = p.ledger.Assign(other)
	p.emit(500, 600, start) // its times are offsets in seconds
	if oldest, ok := p.ledger.Oldest(); oldest != 100_000 || !ok {
		t.Errorf("the oldest is %d", oldest)
	}
	if oldest, ok := p.ledger.OldestOf(other); oldest != 500_000 || !ok {
		t.Errorf("the oldest of the other is %d", oldest)
	}
	p.chunk(0, mine.Number, 100, 101, start).Done(start)
	if oldest, ok := p.ledger.Oldest(); oldest != 500_000 || !ok {
		t.Errorf("the oldest that is left is %d", oldest)
	}
}

// TestGivenUp answers ERROR, which the agent counts as a drop.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	p.emit(0, 9, start)
	p.emit(10, 19, start)
	p.chunk(0, p.a.Number, 0, 9, start).GivenUp(start)
	p.outputs[0].Dropped(10, 0, start)
	if r := p.ledger.Redeliver(nil, start.Add(time.Minute)); len(r) > 0 {
		t.Errorf("redelivered: %v, %v", r, r[0].Why)
	}
	p.committed(10)
}

// TestStrangersDropped drops a chunk of records that have lost their origin: they
// may be of any batch that no output has seen.
func TestStrangersDropped(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	p.emit(0, 9, start)
	c := p.outputs[0].Chunk("kafka", 10)
	for range 10 {
		c.Add(&chunk.Event{Body: []byte{0x80}})
	}
	c.Start(start)
	c.Retry(start)
	p.outputs[0].Dropped(10, 1, start)
	if r := p.ledger.Redeliver(nil, start.Add(time.Minute)); len(r) != 1 || r[0].Why != Dropped {
		t.Errorf("redelivered: %v", r)
	}
}

func TestFull(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	b := p.ledger.Batch("kafka")
	b.Events = make([]byte, 1<<20)
	b.Emit(p.a, 0, 0)
	p.ledger.Add(b, start)
	if !p.ledger.Full() {
		t.Error("not full")
	}
	p.ledger.Appended(b, start)
	p.chunk(0, p.a.Number, 0, 0, start).Done(start)
	if p.ledger.Full() {
		t.Error("full without anything in flight")
	}
}

// TestConcurrent is for the race detector: outputs report while the input goes
// on.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a", "b")
	const batches, size = 200, 50
	ready := [2]chan int64{make(chan int64, batches), make(chan int64, batches)}
	var wg sync.WaitGroup
	for o := range p.outputs {
		for range 2 {
			wg.Go(func() {
				for first := range ready[o] {
					p.chunk(o, p.a.Number, first, first+size-1, start).Retry(start)
					p.chunk(o, p.a.Number, first, first+size-1, start).Done(start)
				}
			})
		}
	}
	for n := range int64(batches) {
		p.emit(n*size, (n+1)*size-1, start)
		ready[0] <- n * size
		ready[1] <- n * size
		p.ledger.Commit(nil)
		p.ledger.Taken(p.ledger.Appends(), start)
		p.ledger.Redeliver(nil, start)
		p.outputs[0].Dropped(size, 1, start)
		p.ledger.Stats()
	}
	close(ready[0])
	close(ready[1])
	wg.Wait()
	if got := p.ledger.AtExit(nil); len(got) != 1 || got[0].Next != batches*size {
		t.Errorf("at the end: %v", got)
	}
}
