package main

import (
	"sync"
	"time"
)

// arrivals are the latencies of the records 0 to n-1, each by its first arrival. Safe for
// concurrent use.
type arrivals struct {
	mu    sync.Mutex
	found *tally
	after []time.Duration
	probe bool // one has come
	junk  int  // lines without a number
}

func newArrivals(n int) *arrivals {
	return &arrivals{found: newTally(n), after: make([]time.Duration, 0, n)}
}

func (a *arrivals) want() int { return len(a.found.seen) }

// note takes one record as it arrived.
func (a *arrivals) note(text []byte, at time.Time) {
	n, sent, err := recordNumber(text)
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err != nil:
		a.junk++
	case n < 0:
		a.probe = true
	case a.found.add(n):
		a.after = append(a.after, time.Duration(at.UnixNano()-sent))
	}
}

// begun says whether a probe has come through.
func (a *arrivals) begun() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.probe
}

func (a *arrivals) all() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.after) == len(a.found.seen)
}

func (a *arrivals) latency() latency {
	a.mu.Lock()
	defer a.mu.Unlock()
	v := a.found.verdict()
	if a.junk > 0 && v.Note == "" {
		v.Note = "lines that nobody wrote"
	}
	ms := func(q float64) float64 { return float64(quantile(a.after, q).Nanoseconds()) / 1e6 }
	return latency{P50: ms(0.5), P99: ms(0.99), Max: ms(1), Records: len(a.after), Verdict: v}
}
