// Package throttle keeps log lines from flooding: one line of a kind in a
// while, with the sum of what was kept back. It logs nothing itself and starts
// no goroutines.
package throttle

import (
	"sync"
	"time"
)

// Quiet is how long a line keeps others of its kind back: long enough for a
// log that stays readable through an outage, short enough for someone who has
// just started to look.
const Quiet = 30 * time.Second

// Line is one kind of log line. The zero value lets the first one through. It
// is safe for concurrent use.
type Line struct {
	mu   sync.Mutex
	next time.Time
	sum  int64
}

// Add counts n. It returns what was counted since the last line, and whether
// a line is due now.
func (l *Line) Add(now time.Time, n int64) (sum int64, due bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sum += n
	if now.Before(l.next) {
		return 0, false
	}
	sum, l.sum = l.sum, 0
	l.next = now.Add(Quiet)
	return sum, true
}

// Rest returns what was counted since the last line, for the one at the end.
func (l *Line) Rest() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	rest := l.sum
	l.sum = 0
	return rest
}
