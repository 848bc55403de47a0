package delivery

import "time"

// counter compares what was appended with what the agent says it took into
// chunks. In between it is in the agent's ring buffer.
//
// The agent's count tells how many, not which. Taking goes in the order of the
// appends, but behind a loss the count lags by what was lost, and as long as
// more is appended that looks like a ring that is not empty yet. So it is
// believed at two moments only: when it has reached all that was appended, and
// when it stands still below that for longer than a ring can take.
type counter struct {
	appended   int64 // records
	appendedAt time.Time
	missing    int64 // of these, known not to have been taken
	taken      int64 // as the agent said
	since      time.Time
	called     time.Time
	wanted     bool // a moment without appends
}

// append counts an append, and returns the sum.
func (c *counter) append(records int, now time.Time) int64 {
	c.appended += int64(records)
	c.appendedAt = now
	return c.appended
}

// verdict is what the count tells.
type verdict int

const (
	unknown  verdict = iota
	allTaken         // all that was appended and not known as missing
	someLost
)

// maxPause is how long after the last look the count may be said to have stood
// still meanwhile. The agent looks in once a second, but not while it paused
// the input; then it does not empty the ring either.
const maxPause = 3 * time.Second

// observe enters what the agent says.
func (c *counter) observe(taken int64, still time.Duration, now time.Time) verdict {
	if taken != c.taken || now.Sub(c.called) > maxPause || c.appendedAt.After(c.since) {
		c.since = now
	}
	c.taken, c.called = taken, now
	if over := taken + c.missing - c.appended; over > 0 {
		// What seemed lost was only late.
		c.missing = max(c.missing-over, 0)
	}
	switch {
	case taken+c.missing >= c.appended:
		return allTaken
	case now.Sub(c.since) >= still:
		return someLost
	default:
		return unknown
	}
}

// Taken enters how many records of this input the agent has taken into chunks,
// all in all. An agent that does not count takes what is appended: pass
// Appends(). It is called about once a second, before the appends.
func (l *Ledger) Taken(records int64, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.counter.observe(records, l.options.Drained, now) {
	case allTaken:
		l.counter.wanted = false
		// Backwards, as a batch that is finished makes way for the last one.
		for i := len(l.batches) - 1; i >= 0; i-- {
			b := l.batches[i]
			if b.appends == 0 || b.held || b.suspect != 0 {
				continue
			}
			b.taken = true
			if l.options.Until == Taken {
				l.finishRestLocked(b, 0)
			}
		}
	case someLost:
		l.counter.wanted = false
		l.notTakenLocked()
	}
}

// notTakenLocked suspects what the ring lost: any of the batches that no output
// saw, since the count does not say which.
func (l *Ledger) notTakenLocked() {
	l.counter.missing = l.counter.appended - l.counter.taken
	for _, b := range l.batches {
		if b.maybeInRing() {
			b.doubt(NotTaken)
		}
	}
}

func (b *Batch) maybeInRing() bool {
	return b.appends > 0 && !b.held && !b.taken && b.suspect == 0
}

// Appends returns how many records were appended, all in all.
func (l *Ledger) Appends() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counter.appended
}

// Hold returns whether the input should append nothing for the moment, a few
// seconds at most: the count of what was taken is needed at rest, to tell a batch
// that was filtered as a whole from one that was lost.
func (l *Ledger) Hold() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counter.wanted
}
