package delivery

// Stats are sums since the start, in records but for Redelivered, and what is in
// flight now.
type Stats struct {
	// Filtered were taken as filtered out.
	Filtered int64
	// Late came to an output after they had been taken as filtered: a settling
	// time is too short for this pipeline.
	Late int64
	// Stale were reported for an assignment that does not hold any more.
	Stale int64
	// Redelivered are batches by reason.
	Redelivered [numReasons]int64
	// Batches and Records are unfinished, Bytes what they keep.
	Batches, Records, Bytes int64
}

// Stats returns them.
func (l *Ledger) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	s.Batches, s.Bytes = int64(len(l.batches)), l.inFlight.Load()
	for _, b := range l.batches {
		s.Records += int64(b.unfinished)
	}
	return s
}
