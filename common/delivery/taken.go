package delivery

import (
	"time"
)

// counter compares what was appended with what the agent says it took into
// chunks. In between it is in the agent's ring buffer.
//
// The agent's count tells how many, not which. Taking goes in the order of the
// appends, but behind a loss the count lags by what was lost, and as long as
// more is appended that looks like a ring that is not empty yet. So it is
// believed at two moments only: when it has reached all that was appended, and
// when it stands still below that for longer than a ring can take.
//
// Where the chunk is all that is waited for, the counts between tell as well, see
// witness.go.
type counter struct {
	appended   Count
	appendedAt time.Time
	missing    Count // of these, known not to have been taken
	taken      Count // as the agent said
	since      time.Time
	called     time.Time
	wanted     bool // a moment without appends
	witness    witness
}

// Count is a sum over appends.
type Count struct{ Records, Bytes int64 }

func (c Count) plus(o Count) Count  { return Count{c.Records + o.Records, c.Bytes + o.Bytes} }
func (c Count) minus(o Count) Count { return Count{c.Records - o.Records, c.Bytes - o.Bytes} }

// append counts an append, and returns the sum.
func (c *counter) append(n Count, now time.Time) Count {
	c.appended = c.appended.plus(n)
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
func (c *counter) observe(taken Count, still time.Duration, now time.Time) verdict {
	if taken != c.taken || now.Sub(c.called) > maxPause || c.appendedAt.After(c.since) {
		c.since = now
	}
	c.taken, c.called = taken, now
	if over := taken.plus(c.missing).minus(c.appended); over.Records > 0 {
		// What seemed lost was only late.
		c.missing = Count{max(c.missing.Records-over.Records, 0), max(c.missing.Bytes-over.Bytes, 0)}
	}
	switch {
	case taken.Records+c.missing.Records >= c.appended.Records:
		return allTaken
	case now.Sub(c.since) >= still:
		return someLost
	default:
		return unknown
	}
}

// Taken enters how much of this input the agent has taken into chunks, all in
// all. An agent that does not count takes what is appended: pass Appends(). It is
// called about once a second or more often, before appends.
func (l *Ledger) Taken(n Count, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.counter.observe(n, l.options.Drained, now) {
	case allTaken:
		l.counter.wanted = false
		l.counter.witness.rest(l.counter.appended)
		for _, b := range l.batches {
			if b.appends > 0 && !b.held && b.suspect == 0 {
				b.taken = true
			}
		}
		l.finishTakenLocked(l.counter.appended.Records)
	case someLost:
		l.counter.wanted = false
		l.counter.witness.blind = true
		l.notTakenLocked()
	default:
		l.witnessLocked(n)
	}
}

// witnessLocked finishes what the agent's counts tell it took, where nothing else
// is waited for.
func (l *Ledger) witnessLocked(n Count) {
	if l.options.Until != Taken {
		return
	}
	var ends []Count
	for _, b := range l.batches {
		if b.appends > 0 && !b.held {
			ends = append(ends, b.end)
		}
	}
	l.finishTakenLocked(l.counter.witness.look(n.plus(l.counter.missing), ends).Records)
	if l.inFlight.Load() >= l.options.MaxInFlight/2 && l.counter.witness.blind {
		l.counter.wanted = true // the other half is read meanwhile
	}
}

// finishTakenLocked finishes the batches that end up to a sum of records, where
// nothing else is waited for.
func (l *Ledger) finishTakenLocked(records int64) {
	if l.options.Until != Taken {
		return
	}
	// Backwards, as a batch that is finished makes way for the last one.
	for i := len(l.batches) - 1; i >= 0; i-- {
		if b := l.batches[i]; b.appends > 0 && !b.held && b.suspect == 0 && b.end.Records <= records {
			l.finishRestLocked(b, 0)
		}
	}
}

// notTakenLocked suspects what the ring lost: any of the batches that no output
// saw, since the count does not say which.
func (l *Ledger) notTakenLocked() {
	l.counter.missing = l.counter.appended.minus(l.counter.taken)
	for _, b := range l.batches {
		if b.maybeInRing() {
			b.doubt(NotTaken)
		}
	}
}

func (b *Batch) maybeInRing() bool {
	return b.appends > 0 && !b.held && !b.taken && b.suspect == 0
}

// Appends returns what was appended, all in all.
func (l *Ledger) Appends() Count {
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
