package delivery

import "time"

// Oldest returns the time of the oldest unfinished record, in Kafka's
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

// Ahead appends the partitions whose newest record in flight is more than most
// newer than the oldest unfinished one of all: to be paused until the rest has
// followed.
func (l *Ledger) Ahead(dst []Partition, most time.Duration) []Partition {
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest, ok := l.oldestLocked()
	if !ok {
		return dst
	}
	for p, a := range l.assigned {
		if n := len(a.queue); n > 0 && a.queue[n-1].newest-oldest > most.Milliseconds() {
			dst = append(dst, p)
		}
	}
	return dst
}
