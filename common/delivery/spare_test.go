package delivery

import (
	"testing"
	"time"
)

// TestSpare holds that batches are used again, that they never take more than
// the room there is, and that those nobody needed are let go.
func TestSpare(t *testing.T) {
	t.Parallel()
	var s spare
	of := func(size int) *Batch { return &Batch{Events: make([]byte, 0, size)} }
	check := func(when string, batches int, bytes int64) {
		t.Helper()
		if len(s.batches) != batches || s.bytes != bytes {
			t.Errorf("%s: %d batches of %d bytes, want %d of %d", when, len(s.batches), s.bytes, batches, bytes)
		}
	}
	s.put(of(maxSpareBytes+1), 1<<30)
	check("a huge one", 0, 0)
	for range 5 {
		s.put(of(1000), 3500)
	}
	check("room for three", 3, 3000)
	b := s.take()
	check("one is taken", 2, 2000)
	s.put(b, 3500)
	now := start
	s.trim(now) // all of them came since the last one
	check("the first trim", 3, 3000)
	s.put(s.take(), 3500)
	s.trim(now.Add(trimEvery - 1))
	check("too early", 3, 3000)
	s.trim(now.Add(trimEvery))
	check("one was needed", 1, 1000)
	s.trim(now.Add(2 * trimEvery))
	check("none was needed", 0, 0)
	if got := s.take(); cap(got.Events) != 0 {
		t.Error("where did that come from?")
	}
	s.trim(now.Add(time.Hour))
}

// TestKept: what is in flight and what is spare, of all inputs, until they end.
func TestKept(t *testing.T) {
	t.Parallel()
	r := NewRegistry(start)
	one, two := NewLedger(r, Options{MaxInFlight: 1 << 20}), NewLedger(r, Options{MaxInFlight: 1 << 20})
	one.inFlight.Store(1000)
	one.spare.put(&Batch{Events: make([]byte, 0, 200)}, 1<<20)
	two.inFlight.Store(30)
	if got := r.Kept(); got != 1230 {
		t.Errorf("got %d, want 1230", got)
	}
	one.Close()
	if got := r.Kept(); got != 30 {
		t.Errorf("after the end of one: got %d, want 30", got)
	}
}
