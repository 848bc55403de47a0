package delivery

// Oldest returns the time of the oldest unfinished record, in Unix
// milliseconds.
func (l *Ledger) Oldest() (time int64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.oldestLocked()
}

// OldestOf is Oldest for one partition.
func (l *Ledger) OldestOf(p Partition) (time int64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.assigned[p]; a != nil {
		return a.oldest()
	}
	return 0, false
}

func (l *Ledger) oldestLocked() (time int64, ok bool) {
	for _, a := range l.assigned {
		if t, some := a.oldest(); some && (!ok || t < time) {
			time, ok = t, true
		}
	}
	return time, ok
}
