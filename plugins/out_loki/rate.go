package outloki

import (
	"math"
	"regexp"
	"strconv"
	"time"
)

// bucket follows Loki's token bucket of a stream: what was taken out of it, of
// which rate bytes a second come back.
type bucket struct {
	used int64
	at   int64 // in Unix nanoseconds
}

// take takes bytes out. More than two bursts are not remembered.
func (b *bucket) take(bytes, now, rate, burst int64) {
	if rate == 0 {
		return
	}
	if passed := now - b.at; passed > 0 {
		// What it takes to give two bursts back: no product of a long pause overflows.
		passed = min(passed, int64(time.Second)*(2*burst/rate+1))
		b.used = max(b.used-passed/int64(time.Microsecond)*rate/1e6, 0)
		b.at = now
	}
	b.used = min(b.used+bytes, 2*burst)
}

// nearRateLocked reports whether a stream that used so much could be refused.
// Half of the burst is for those who write the same stream, whom nobody here
// counts.
func (m *memory) nearRateLocked(used int64) bool { return m.rate > 0 && used > m.burst/2 }

var streamRateText = regexp.MustCompile(`Per stream rate limit exceeded \(limit: (\d+)([KMGTPE]?)B/sec\)`)

// toldRate returns the rate of a stream that an answer tells, 0 for none.
func toldRate(body []byte) int64 {
	m := streamRateText.FindSubmatch(body)
	if m == nil {
		return 0
	}
	rate, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		return 0
	}
	if len(m[2]) > 0 {
		shift := map[byte]uint{'K': 10, 'M': 20, 'G': 30, 'T': 40, 'P': 50, 'E': 60}[m[2][0]]
		if rate > math.MaxInt64>>shift {
			return math.MaxInt64
		}
		rate <<= shift
	}
	return rate
}

// slow takes a smaller rate over, which Loki told. Its burst it does not tell:
// it counts as one second's. It reports whether that is news.
func (m *memory) slow(rate int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if rate <= 0 || rate >= m.rate {
		return false
	}
	m.rate, m.burst = rate, min(m.burst, rate)
	m.lessons.Add(1)
	return true
}

// overRate judges the streams of a push of several, one of which Loki refused
// for the rate that it told: which of the others could it have refused as well,
// in silence?
//
// Where the one that it named had used more than half of a burst from here, that
// is why, and those are in doubt that have as well: they go alone for a while.
// One that had used less was refused because others write it: then they may
// write any, and so all are in doubt. named is nil for none of ours.
func (m *memory) overRate(p push, named *streamRun, rate int64, now time.Time) (doubt []bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	share := rate / 2
	if m.rate > 0 {
		share = min(share, m.burst/2)
	}
	uses := func(r *streamRun) bool { return max(int64(r.bytes), m.streams[r.key].bucket.used) > share }
	explained := named != nil && uses(named)
	for i := range p.streams {
		r := &p.streams[i]
		much := uses(r)
		if much || r == named {
			m.heatLocked(r.key, now)
		}
		doubt = append(doubt, much || r == named || !explained)
	}
	return doubt
}
