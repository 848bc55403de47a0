package delivery

import (
	"testing"
	"time"
)

// until is a ledger that waits for no output, and a batch of three records of
// which the second is a dead letter.
func until(t *testing.T, u Until) (*Ledger, *Batch, *Assignment) {
	t.Helper()
	l := NewLedger(NewRegistry(start), Options{Until: u, MaxInFlight: 1 << 20})
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	a := l.Assign(theOne)
	b := l.Batch("t")
	b.Events = append(b.Events, 1, 2)
	b.Emit(a, 0, 0)
	b.EmitDeadLetter(a, 1, 0)
	b.Emit(a, 2, 0)
	if !l.Add(b, start) || !l.Needed(b) {
		t.Fatal("nothing to append")
	}
	l.Commit(nil) // where reading starts
	return l, b, a
}

func wantCommit(t *testing.T, l *Ledger, when string, want int64) {
	t.Helper()
	got := int64(-1)
	if o := l.Commit(nil); len(o) > 0 {
		got = o[0].Next
	}
	if got != want {
		t.Errorf("%s: %d is committed, want %d", when, got, want)
	}
}

func TestUntilAppended(t *testing.T) {
	t.Parallel()
	l, b, a := until(t, Appended)
	wantCommit(t, l, "before the append", -1)
	l.Appended(b, start)
	wantCommit(t, l, "with a dead letter under way", 1)
	l.DeadLettered(a, 1, start)
	wantCommit(t, l, "at the end", 3)
	if s := l.Stats(); s.Batches+s.Bytes+s.Filtered > 0 {
		t.Errorf("%+v", s)
	}
}

func TestUntilTaken(t *testing.T) {
	t.Parallel()
	l, b, a := until(t, Taken)
	l.DeadLettered(a, 1, start)
	l.Appended(b, start)
	l.Taken(Count{Records: 1}, start)
	wantCommit(t, l, "in the ring", -1)
	later := start.Add(restAfter + time.Second)
	if l.Redeliver(nil, later); !l.Hold() {
		t.Error("no moment of rest is wanted")
	}
	l.Taken(Count{Records: 2}, later)
	wantCommit(t, l, "in a chunk", 3)
	if l.Hold() {
		t.Error("rest without end")
	}
}

// TestUntilTakenLoses holds that what the ring lost is appended again.
func TestUntilTakenLoses(t *testing.T) {
	t.Parallel()
	l, b, a := until(t, Taken)
	l.DeadLettered(a, 1, start)
	l.Appended(b, start)
	for s := range 20 {
		now := start.Add(time.Duration(s) * time.Second)
		l.Taken(Count{Records: 1}, now)
		if again := l.Redeliver(nil, now); len(again) > 0 {
			if again[0].Why != NotTaken {
				t.Error(again[0].Why)
			}
			l.Appended(again[0].Batch, now)
			l.Taken(Count{Records: 3}, now)
			wantCommit(t, l, "after the second append", 3)
			return
		}
	}
	t.Error("not appended again")
}

// TestUntilTakenAtExit holds that at the end the count tells which batches are
// in chunks, while others are in the ring.
func TestUntilTakenAtExit(t *testing.T) {
	t.Parallel()
	l, b, a := until(t, Taken)
	l.DeadLettered(a, 1, start)
	l.Appended(b, start)
	inRing := l.Batch("t")
	inRing.Events = append(inRing.Events, 1)
	inRing.Emit(a, 3, 0)
	l.Add(inRing, start)
	l.Appended(inRing, start)
	l.Taken(Count{2, 2}, start)
	if o := l.AtExit(nil); len(o) != 1 || o[0].Next != 3 {
		t.Errorf("%v at the end, want 3", o)
	}
}

// TestUntilTakenLosesAtExit holds that a loss which shows only in a count that is
// no batch's end is not committed.
func TestUntilTakenLosesAtExit(t *testing.T) {
	t.Parallel()
	l, b, a := until(t, Taken)
	l.DeadLettered(a, 1, start)
	l.Appended(b, start) // of two records: the ring loses it
	for offset := int64(3); offset < 12; {
		next := l.Batch("t")
		for range 3 {
			next.Events = append(next.Events, 1)
			next.Emit(a, offset, 0)
			offset++
		}
		l.Add(next, start)
		l.Appended(next, start)
	}
	l.Taken(Count{Records: 6, Bytes: 6}, start) // the next two
	if o := l.AtExit(nil); len(o) != 1 || o[0].Next != 0 {
		t.Errorf("%v at the end, want 0", o)
	}
}

func TestNeeded(t *testing.T) {
	t.Parallel()
	l, b, _ := until(t, Taken)
	l.Revoke(theOne)
	if l.Needed(b) {
		t.Error("a batch of a revoked partition is needed")
	}
	if s := l.Stats(); s.Batches+s.Bytes > 0 {
		t.Errorf("%+v", s)
	}
}

// TestEarlyDeadLetters holds that a letter counts that was safe before its batch
// was added, or before the outputs are known.
func TestEarlyDeadLetters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                     string
		beforeAdd, beforeStarted bool
	}{{"before Add", true, false}, {"before Start", false, true}, {"before both", true, true}} {
		l := NewLedger(NewRegistry(start), Options{Until: Appended, MaxInFlight: 1 << 20})
		a := l.Assign(theOne)
		begin := func() {
			if err := l.Start(); err != nil {
				t.Fatal(err)
			}
		}
		if !c.beforeStarted {
			begin()
		}
		b := l.Batch("t")
		b.Emit(a, 0, 0)
		b.Events = append(b.Events, 1)
		b.EmitDeadLetter(a, 1, 0)
		if c.beforeAdd {
			l.DeadLettered(a, 1, start)
		}
		l.Add(b, start)
		if !c.beforeAdd {
			l.DeadLettered(a, 1, start)
		}
		if c.beforeStarted {
			begin()
		}
		l.Appended(b, start)
		wantCommit(t, l, c.name, 2)
	}
}

// TestUntilTakenAtBoundaries holds that a sum of records and of bytes tells how far
// the agent is, and that one that could be another's does not.
func TestUntilTakenAtBoundaries(t *testing.T) {
	t.Parallel()
	l := NewLedger(NewRegistry(start), Options{Until: Taken, MaxInFlight: 1 << 20})
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	a := l.Assign(theOne)
	for i := range int64(4) {
		b := l.Batch("t")
		b.Emit(a, i, 0)
		b.Events = append(b.Events, make([]byte, 10+i)...)
		l.Add(b, start)
		l.Appended(b, start)
	}
	l.Commit(nil)
	l.Taken(Count{1, 10}, start)
	wantCommit(t, l, "the first: nothing else comes to that", 1)
	// The second was lost, and the third taken: as many records, but not as many
	// bytes.
	l.Taken(Count{2, 22}, start)
	wantCommit(t, l, "not the second", -1)
	l.Taken(Count{3, 33}, start)
	wantCommit(t, l, "nothing more before a rest", -1)
	l.Taken(Count{4, 46}, start)
	wantCommit(t, l, "all", 4)
}

// TestUntilTakenAlike holds that batches that are all alike are believed at rest
// only: the first may have been lost, and the second taken.
func TestUntilTakenAlike(t *testing.T) {
	t.Parallel()
	l := NewLedger(NewRegistry(start), Options{Until: Taken, MaxInFlight: 1 << 20})
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	a := l.Assign(theOne)
	for i := range int64(3) {
		b := l.Batch("t")
		b.Emit(a, i, 0)
		b.Events = append(b.Events, 1)
		l.Add(b, start)
		l.Appended(b, start)
	}
	l.Commit(nil)
	l.Taken(Count{1, 1}, start)
	wantCommit(t, l, "one of three", -1)
	l.Taken(Count{3, 3}, start)
	wantCommit(t, l, "all", 3)
}
