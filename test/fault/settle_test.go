package fault

import (
	"errors"
	"sync"
	"testing"
	"time"
)

// slowStore has one record more each time it is asked for its length, up to its end.
type slowStore struct {
	mu      sync.Mutex
	numbers []int // in the order in which they come
	there   int
	reads   int
	err     error
}

func (s *slowStore) Len() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.there = min(s.there+1, len(s.numbers))
	return s.there, s.err
}

func (s *slowStore) Read() (*Copies, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return copiesOf(s.numbers[:s.there]...), nil
}

func TestSettleWaitsForWhatComesLate(t *testing.T) {
	s := &slowStore{numbers: []int{0, 1, 1, 2}}
	v, err := Settle(s, handOut(3), time.Minute, time.Minute)
	if want := (Verdict{Sent: 3, Stored: 3, Twice: 1}); err != nil || v != want {
		t.Errorf("%+v, %v; want %+v", v, err, want)
	}
}

// Copies make up the length, so it says that nothing is missing when something is.
func TestSettleSeesALossBehindADouble(t *testing.T) {
	s := &slowStore{numbers: []int{0, 1, 1}}
	begin := time.Now()
	v, err := Settle(s, handOut(3), 2*time.Second, time.Minute)
	if want := (Verdict{Sent: 3, Stored: 2, Missing: 1, Twice: 1, Gaps: "2"}); err != nil || v != want {
		t.Errorf("%+v, %v; want %+v", v, err, want)
	}
	if took := time.Since(begin); took < 2*time.Second {
		t.Errorf("gave up after %s", took)
	}
	if s.reads > 2 {
		t.Errorf("read %d times although nothing came", s.reads)
	}
}

func TestSettleKeepsItsLimit(t *testing.T) {
	s := &slowStore{numbers: make([]int, 1000)}
	v, err := Settle(s, handOut(2000), time.Minute, time.Second)
	if err != nil || v.Missing != 1999 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestSettleTellsWhatFails(t *testing.T) {
	gone := errors.New("gone")
	if _, err := Settle(&slowStore{err: gone}, handOut(1), time.Minute, time.Minute); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}
