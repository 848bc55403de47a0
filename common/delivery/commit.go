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
	if l.started {
		l.witnessLocked(l.counter.taken)
	}
	for p, a := range l.assigned {
		a.advance()
		if a.watermark >= 0 {
			a.given = a.watermark
			dst = append(dst, Offset{p, a.given})
		}
	}
	return dst
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
