package delivery

// Offset is one to commit: the next that the partition's reader should read.
type Offset struct {
	Partition
	Next int64
}

// Commit appends the offsets that moved since the last call. They never go
// back.
func (l *Ledger) Commit(dst []Offset) []Offset {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p, a := range l.assigned {
		a.advance()
		if a.watermark > a.given {
			a.given = a.watermark
			dst = append(dst, Offset{p, a.given})
		}
	}
	return dst
}

// NotCommitted takes back offsets that Commit returned and the broker did not
// take: the next Commit returns them again.
func (l *Ledger) NotCommitted(offsets []Offset) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range offsets {
		if a := l.assigned[o.Partition]; a != nil && a.given == o.Next {
			a.given = -1
		}
	}
}

// AtExit appends the offset of every assigned partition, whether it was
// returned before or not, and closes the ledger: what outputs deliver from now
// on comes too late, and is read again after the next start.
func (l *Ledger) AtExit(dst []Offset) []Offset {
	l.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.finishTakenLocked()
	for p, a := range l.assigned {
		a.advance()
		if a.watermark >= 0 {
			a.given = a.watermark
			dst = append(dst, Offset{p, a.given})
		}
	}
	return dst
}

// finishTakenLocked finishes, at the end, what the agent's count covers though
// there was no moment of rest: it takes in the order of the appends, and what is
// left in its ring is thrown away. Where something was lost before, the count
// covers something else.
func (l *Ledger) finishTakenLocked() {
	if l.options.Until != Taken || l.stats.Redelivered[NotTaken] > 0 {
		return
	}
	for i := len(l.batches) - 1; i >= 0; i-- {
		if b := l.batches[i]; b.appends > 0 && !b.held && b.end <= l.counter.taken {
			l.finishRestLocked(b, 0)
		}
	}
}

// Unfinished returns how many records of a partition are in flight.
func (l *Ledger) Unfinished(p Partition) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	if a := l.assigned[p]; a != nil {
		for _, s := range a.queue {
			n += s.unfinished
		}
	}
	return n
}
