package delivery

import (
	"bytes"
	"time"
)

// Batch returns an empty batch.
func (l *Ledger) Batch(tag string) *Batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.spare.take()
	b.reset()
	b.Tag = tag
	return b
}

// Add hands a batch over, in the order of its partitions' offsets. It returns
// whether there is anything to append: then Append and Appended follow, else the
// batch is the ledger's.
func (l *Ledger) Add(b *Batch, now time.Time) bool {
	// A small batch in the buffer of a large one would keep what is not
	// counted.
	if spare := cap(b.Events) - len(b.Events); spare > len(b.Events)+4096 {
		b.Events = bytes.Clone(b.Events)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b.touched = now
	b.size = cap(b.Events) + batchOverhead
	l.inFlight.Add(int64(b.size))
	b.slot = len(l.batches)
	l.batches = append(l.batches, b)
	kept := b.segments[:0]
	for _, s := range b.segments {
		if s.owner.revoked {
			putSegment(s)
			continue
		}
		s.batch = b
		kept = append(kept, s)
	}
	b.segments = kept
	l.prepareLocked(b)
	for _, s := range b.segments {
		if a := s.owner; s.from() < a.end {
			// The group's position went back, on a topic that was made anew or
			// cut. What is in flight is read again.
			l.forgetLocked(a)
		}
		s.owner.push(s)
	}
	for _, d := range b.deadLetters {
		if l.started && d.segment.batch == b {
			l.finishEarlyLocked(d.segment.owner, now)
		}
	}
	if b.records == 0 || b.unfinished == 0 {
		b.held = false
		l.releaseLocked(b)
		return false
	}
	return true
}

// prepareLocked makes room for the states of a batch's records. Before Start it
// is not known for how many outputs, and nothing was appended.
func (l *Ledger) prepareLocked(b *Batch) {
	b.standings(len(l.outputs))
	b.unfinished, b.tracked = 0, 0
	for _, s := range b.segments {
		s.prepare(len(l.outputs))
		b.unfinished += s.unfinished
		b.tracked += s.records
	}
	for _, d := range b.deadLetters {
		for o := range l.outputs {
			if d.segment.batch == b {
				b.at[o].waiting += d.segment.wait(o, d.record, d.record+1)
			}
		}
	}
}

// Appended follows an append that the agent took, the first one or one of a
// batch from Redeliver. The batch is the ledger's then.
func (l *Ledger) Appended(b *Batch, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b.held = false
	if b.appends++; b.appends > 1 {
		b.taken = false // that was the copy before, which may still be seen
	}
	b.appendedAt, b.touched = now, now
	b.suspect = 0 // what was suspected before is settled with this copy
	b.end = l.counter.append(b.count(), now)
	if l.options.Until == Appended {
		l.finishRestLocked(b, 0)
		return
	}
	l.releaseLocked(b)
	if l.options.Until == Taken && l.inFlight.Load() >= l.options.MaxInFlight/2 {
		// A moment of rest makes room for it; the other half is read meanwhile.
		l.counter.wanted = true
	}
}

// Needed returns whether a batch that is to be appended still has a record that
// is neither finished nor another group member's by now. Of one that has not,
// nothing is to be appended, and the ledger has it back.
func (l *Ledger) Needed(b *Batch) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.unfinished > 0 {
		return true
	}
	b.held = false
	l.releaseLocked(b)
	return false
}

// DeadLettered finishes a record of EmitDeadLetter, which may be in a batch that
// was not added yet.
func (l *Ledger) DeadLettered(a *Assignment, offset int64, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case a.revoked:
	case offset >= a.end || !l.started:
		a.early = append(a.early, offset)
	default:
		l.deadLetteredLocked(a, offset, now)
	}
}

func (l *Ledger) deadLetteredLocked(a *Assignment, offset int64, now time.Time) {
	for o := range l.outputs {
		l.finishLocked(a, o, offset, offset, false, now)
	}
}

// finishEarlyLocked finishes the dead letters that were safe before their batch
// was added.
func (l *Ledger) finishEarlyLocked(a *Assignment, now time.Time) {
	kept := a.early[:0]
	for _, offset := range a.early {
		if offset < a.end {
			l.deadLetteredLocked(a, offset, now)
		} else {
			kept = append(kept, offset)
		}
	}
	a.early = kept
}

// releaseLocked lets go of a batch if all of it is finished and the caller does
// not hold it.
func (l *Ledger) releaseLocked(b *Batch) {
	if b.unfinished > 0 || b.held || b.slot < 0 {
		return
	}
	last := len(l.batches) - 1
	l.batches[b.slot] = l.batches[last]
	l.batches[b.slot].slot = b.slot
	l.batches[last] = nil
	l.batches = l.batches[:last]
	b.slot = -1
	l.inFlight.Add(-int64(b.size))
	if b.again {
		l.copies.Add(-1)
		l.buryLocked(b)
	}
	for _, s := range b.segments {
		s.batch = nil // it is the queue's alone
		s.owner.trim()
	}
	clear(b.segments)
	b.segments = b.segments[:0]
	l.spare.put(b, (l.options.MaxInFlight-l.inFlight.Load())/2)
}

// batchOverhead is about what a small batch takes beside its events. While
// nothing is delivered, there may be very many.
const batchOverhead = 1 << 10

// Full returns whether the reader should stop: more is in flight than allowed.
func (l *Ledger) Full() bool { return l.inFlight.Load() >= l.options.MaxInFlight }

func (l *Ledger) kept() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inFlight.Load() + l.spare.bytes
}
