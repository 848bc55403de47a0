package delivery

import (
	"slices"
	"time"
)

// fate is what an output says of records.
type fate int

const (
	sending   fate = iota // a flush with them has started
	delivered             // or rejected
	lost                  // the agent dropped their chunk
)

// runsPerLock is how many runs are entered before others get the lock.
const runsPerLock = 256

// report is what an output says of a chunk's records.
type report struct {
	output string
	fate   fate
	tag    string
	chunk  uint64 // unique
	now    time.Time
}

// enter enters a report.
func (l *Ledger) enter(r *Runs, what *report) {
	for at := 0; at < len(r.runs); at += runsPerLock {
		l.enterSome(r, r.runs[at:min(at+runsPerLock, len(r.runs))], what)
	}
}

func (l *Ledger) enterSome(r *Runs, runs []run, what *report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	output := slices.Index(l.outputs, what.output)
	if output < 0 {
		return // not waited for
	}
	for i := range runs {
		origin := &r.origins[runs[i].origin].Origin
		if origin.Source != l.options.Source {
			continue
		}
		a, own := l.assignmentLocked(origin)
		if a == nil {
			l.stats.Stale += runs[i].last - runs[i].first + 1
			continue
		}
		l.reported[output] = what.now
		switch what.fate {
		case sending:
			if own { // a chunk of an earlier run says nothing about what was appended in this one
				l.sendingLocked(a, output, &runs[i], what)
			}
		case delivered:
			l.finishLocked(a, output, runs[i].first, runs[i].last, own, what.now)
		case lost:
			l.lostLocked(a, output, &runs[i])
		}
	}
}

// assignmentLocked returns the assignment that an origin counts for: its own
// if that still holds, and the present one for a chunk from before a restart,
// which is the same record. A number of this process that does not hold any
// more was revoked.
func (l *Ledger) assignmentLocked(o *Origin) (a *Assignment, own bool) {
	a = l.assigned[Partition{o.Topic, o.Partition}]
	switch {
	case a == nil:
		return nil, false
	case o.Assignment == a.Number:
		return a, true
	case o.Assignment < l.registry.first:
		return a, false
	default:
		return nil, false
	}
}

// sendingLocked marks records as waiting: from the start of a flush to its end,
// and to the next one if that says retry, nothing may be concluded from not
// having them.
func (l *Ledger) sendingLocked(a *Assignment, output int, r *run, what *report) {
	found := false
	for i := a.search(r.first); i < len(a.queue) && a.queue[i].from() <= r.last; i++ {
		s := a.queue[i]
		b := s.batch
		if b == nil {
			continue
		}
		fresh := 0
		s.covered(r.first, r.last, func(from, to int) { fresh += s.wait(output, from, to) })
		at := &b.at[output]
		at.waiting += fresh
		if b.appends <= 1 {
			// An append is in one chunk as a whole. (Of a second one this says
			// nothing: the records may be those of the first.)
			b.taken = true
			l.shape.saw(b, at, fresh, what)
		}
		at.seen, at.chunk = true, what.chunk
		b.touched = what.now
		found = true
	}
	if !found && r.first >= a.copied && r.last < a.end {
		// It was taken for filtered, and comes after all.
		l.stats.Late += r.last - r.first + 1
		l.shape.spread = true
	}
}

// finishLocked marks records as done.
func (l *Ledger) finishLocked(a *Assignment, output int, first, last int64, own bool, now time.Time) {
	done := l.finished[:0]
	for i := a.search(first); i < len(a.queue) && a.queue[i].from() <= last; i++ {
		s := a.queue[i]
		b := s.batch
		if b == nil {
			continue
		}
		at := &b.at[output]
		before := s.unfinished
		s.covered(first, last, func(from, to int) {
			fresh, waited, _ := s.finish(output, from, to)
			at.done += fresh
			at.waiting -= waited
		})
		b.unfinished -= before - s.unfinished
		if own {
			at.seen = true
			b.touched = now
			l.reachedLocked(b, output)
		}
		if b.unfinished == 0 {
			done = append(done, b)
		}
	}
	for i, b := range done {
		l.releaseLocked(b) // changes the queue
		done[i] = nil
	}
	l.finished = done
}

// reachedLocked notes how far an output is in what was appended.
func (l *Ledger) reachedLocked(b *Batch, output int) {
	if b.appends > 1 {
		return // it may have been the first copy
	}
	l.reached[output] = max(l.reached[output], b.end.Records)
	of := l.tags[b.Tag]
	if len(of) != len(l.outputs) {
		of = make([]int64, len(l.outputs))
		l.tags[b.Tag] = of
	}
	of[output] = max(of[output], b.end.Records)
}

// lostLocked makes the batches of records that were dropped suspect.
func (l *Ledger) lostLocked(a *Assignment, output int, r *run) {
	for i := a.search(r.first); i < len(a.queue) && a.queue[i].from() <= r.last; i++ {
		s := a.queue[i]
		b := s.batch
		if b == nil {
			continue
		}
		open := false
		s.covered(r.first, r.last, func(from, to int) {
			b.at[output].waiting -= s.unwait(output, from, to)
			open = open || !s.has(output, from, to)
		})
		if open {
			b.doubt(Dropped)
		}
	}
}

// doubt makes a batch suspect.
func (b *Batch) doubt(why Reason) {
	if b.suspect == 0 {
		b.suspect = why
	}
}
