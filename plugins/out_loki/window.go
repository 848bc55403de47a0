package outloki

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// memory is what an output knows of the streams that it has sent to, across
// flushes: enough to tell which entries Loki could refuse. The answer to a push
// of several streams does not tell of those that its ingesters refuse: only the
// last stream of each has a say. It is safe for concurrent use.
type memory struct {
	limits *limits
	seed   maphash.Seed

	// lessons counts what was learned from answers: pushes that were made
	// before may have streams that are better alone.
	lessons atomic.Int64

	mu sync.Mutex
	// window, rate and burst are those of limits, or less where Loki's showed
	// to be.
	window      time.Duration
	rate, burst int64
	streams     map[uint64]known
	// unmade tells since when a tenant's streams may have to be made again.
	unmade map[string]int64
	sweep  int64
}

// known is one stream. Times are in Unix nanoseconds.
type known struct {
	newest int64 // entry that was sent
	seen   int64 // last in a chunk
	stored int64 // last in a push that Loki took, 0 for never
	hot    int64 // until then it goes alone: Loki refused it for its rate
	waited int64 // last refused alone, 0 for never
	bucket bucket
}

const (
	// forgetAfter is below the half hour after which Loki lets go of a stream
	// that gets nothing, so that one which has to be made again counts as new.
	forgetAfter = 15 * time.Minute
	// hotFor is how long a stream goes alone after Loki refused it for its rate.
	hotFor = 5 * time.Minute
	// maxKnown bounds the memory. A stream that is not known is only taken for
	// a new one.
	maxKnown = 1 << 17
)

func newMemory(l *limits) *memory {
	return &memory{
		limits: l, seed: maphash.MakeSeed(), window: l.window, rate: l.rate, burst: l.burst,
		streams: map[uint64]known{}, unmade: map[string]int64{},
	}
}

// look judges the streams of a chunk, and notes that they will be sent.
func (m *memory) look(runs []streamRun, s *streams, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweepLocked(now)
	at := now.UnixNano()
	for i := range runs {
		r := &runs[i]
		r.key = m.key(r.tenant, s.texts.get(r.stream))
		k, is := m.streams[r.key]
		r.isNew = m.isNewLocked(r, &k, at)
		if !is {
			k = known{newest: r.newest, bucket: bucket{at: at}}
		}
		k.bucket.take(int64(r.bytes), at, m.rate, m.burst)
		r.alone, r.waited = m.aloneLocked(r, &k, at), k.waited
		k.newest, k.seen = max(k.newest, r.newest), at
		if is || len(m.streams) < maxKnown {
			m.streams[r.key] = k
		}
	}
}

// aloneLocked reports whether no other stream may be in a stream's push.
func (m *memory) aloneLocked(r *streamRun, k *known, now int64) bool {
	return m.farBehindLocked(r.oldest, k.newest, now) || m.nearRateLocked(k.bucket.used) || now < k.hot || r.isNew
}

// isNewLocked reports whether Loki may have to make a stream. It makes none for
// a tenant that has too many, and whether it has this one from before the agent
// was started nobody here knows.
func (m *memory) isNewLocked(r *streamRun, k *known, now int64) bool {
	return now-k.stored > int64(forgetAfter) || k.stored <= m.unmade[r.tenant]
}

// again judges streams once more, by what was learned since they were looked
// at, and returns how many are to go alone.
func (m *memory) again(runs []streamRun, now time.Time) (alone int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range runs {
		r := &runs[i]
		if k, is := m.streams[r.key]; is && !r.alone {
			r.isNew = m.isNewLocked(r, &k, now.UnixNano())
			r.alone = m.aloneLocked(r, &k, now.UnixNano())
		}
		if r.alone {
			alone++
		}
	}
	return alone
}

func (m *memory) key(tenant string, labels []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(m.seed)
	_, _ = h.WriteString(tenant) // hashes never fail
	_ = h.WriteByte(0)
	_, _ = h.Write(labels)
	return h.Sum64()
}

// farBehindLocked reports whether Loki could refuse an entry for its time.
// Others may write the same stream, or this agent may have before it was
// started anew, so the newest entry counts as no older than now. Three quarters
// of the window leave room for one that is ahead of its time.
func (m *memory) farBehindLocked(oldest, newest, now int64) bool {
	if m.limits.age > 0 && oldest < now-int64(m.limits.age)+int64(2*timeMargin) {
		return true
	}
	return m.window > 0 && oldest < max(newest, now)-int64(m.window/4*3)
}

// behind returns how far a time is behind the newest that its stream may have.
func (m *memory) behind(key uint64, t int64, now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Duration(max(m.streams[key].newest, now.UnixNano()) - t)
}

// narrow takes a smaller window over: Loki refused an entry that far behind. It
// reports whether that is news.
func (m *memory) narrow(lag time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.window == 0 || lag <= 0 || lag >= m.window/4*3 {
		return false
	}
	m.window = lag
	m.lessons.Add(1)
	return true
}

// heat has a stream go alone for a while.
func (m *memory) heat(key uint64, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heatLocked(key, now)
}

func (m *memory) heatLocked(key uint64, now time.Time) {
	if k, is := m.streams[key]; is {
		k.hot = now.Add(hotFor).UnixNano()
		m.streams[key] = k
		m.lessons.Add(1)
	}
}

// stored notes that Loki took a push, and so has its streams.
func (m *memory) stored(runs []streamRun, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range runs {
		if k, is := m.streams[runs[i].key]; is {
			k.stored = now.UnixNano()
			m.streams[runs[i].key] = k
		}
	}
}

// lost notes that Loki does not have a stream that it had, and makes no more for
// its tenant. It may not have others either.
func (m *memory) lost(tenant string, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unmade[tenant] = now.UnixNano()
	m.lessons.Add(1)
}

// waits notes that a stream which was sent alone has to wait.
func (m *memory) waits(key uint64, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k, is := m.streams[key]; is {
		k.waited = now.UnixNano()
		m.streams[key] = k
	}
}

// byTurn sorts pushes of one stream each: those that had to wait come behind
// those that had not, and the last to be refused at the end. A flush tries only
// so many that are refused, and so each has its turn.
func (m *memory) byTurn(pushes []push) {
	m.mu.Lock()
	defer m.mu.Unlock()
	slices.SortStableFunc(pushes, func(a, b push) int {
		return cmp.Compare(m.streams[a.streams[0].key].waited, m.streams[b.streams[0].key].waited)
	})
}

// active returns the number of streams that were sent to lately.
func (m *memory) active() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweepLocked(time.Now())
	return len(m.streams)
}

// sweepLocked forgets, once a minute, what was not seen for long.
func (m *memory) sweepLocked(now time.Time) {
	at := now.UnixNano()
	if at < m.sweep {
		return
	}
	m.sweep = at + int64(time.Minute)
	for key, k := range m.streams {
		if at-k.seen > int64(forgetAfter) {
			delete(m.streams, key)
		}
	}
	for tenant, since := range m.unmade {
		if at-since > int64(forgetAfter) {
			delete(m.unmade, tenant)
		}
	}
}
