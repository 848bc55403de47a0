package outloki

import "time"

// bucket follows Loki's token bucket of a stream: it holds burst bytes at most
// and fills by rate bytes a second.
type bucket struct {
	tokens int64
	at     int64 // in Unix nanoseconds
}

// take takes bytes out and returns what is left, which is below zero where
// Loki's bucket would be empty.
func (b *bucket) take(bytes, now int64, l *limits) (left int64) {
	if l.rate == 0 {
		return 0
	}
	if passed := now - b.at; passed > 0 {
		// What it takes to fill from the bottom: no product of a long pause overflows.
		passed = min(passed, int64(time.Second)*(2*l.burst/l.rate+1))
		b.tokens = min(b.tokens+passed/int64(time.Microsecond)*l.rate/1e6, l.burst)
		b.at = now
	}
	b.tokens = max(b.tokens-bytes, -l.burst)
	return b.tokens
}

// nearRate reports whether a stream with so much left could be refused. Half of
// the burst is for those who write the same stream, whom nobody here counts.
func (m *memory) nearRate(left int64) bool {
	return m.limits.rate > 0 && left < m.limits.burst/2
}
