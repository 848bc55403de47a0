package fault

import "sync"

// Ledger hands out the numbers of one run and notes which are safe at their source. Safe
// for concurrent use.
type Ledger struct {
	mu    sync.Mutex
	next  int
	safe  []uint64 // a bit per number
	count int      // of safe ones
}

// Next is a number that was never handed out before. Numbers count from 0.
func (l *Ledger) Next() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.next
	l.next++
	if n/64 == len(l.safe) {
		l.safe = append(l.safe, 0)
	}
	return n
}

// Ack notes that number n is safe.
func (l *Ledger) Ack(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if bit := uint64(1) << (n % 64); l.safe[n/64]&bit == 0 {
		l.safe[n/64] |= bit
		l.count++
	}
}

// Safe is how many numbers are.
func (l *Ledger) Safe() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// HandedOut is how many numbers there are, safe or not.
func (l *Ledger) HandedOut() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next
}

// Only is a ledger with the same numbers, of which those are safe that are here, now, and
// that keep is true for: what a filter is to let through.
func (l *Ledger) Only(keep func(n int) bool) *Ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := &Ledger{}
	for n := range l.next {
		if kept.Next(); l.isSafeLocked(n) && keep(n) {
			kept.Ack(n)
		}
	}
	return kept
}

func (l *Ledger) isSafeLocked(n int) bool { return l.safe[n/64]&(1<<(n%64)) != 0 }
