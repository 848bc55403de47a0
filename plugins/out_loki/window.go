package outloki

import (
	"hash/maphash"
	"sync"
	"time"
)

// memory is what an output knows of the streams that it has sent to, across
// flushes: enough to tell which entries Loki could refuse. The answer to a push
// of several streams does not tell of those that its ingesters refuse: only the
// last stream of each has a say. It is safe for concurrent use.
type memory struct {
	limits *limits
	seed   maphash.Seed

	mu      sync.Mutex
	window  time.Duration // limits.window, or less where Loki's showed to be
	streams map[uint64]known
	sweep   int64
}

// known is one stream. Times are in Unix nanoseconds.
type known struct {
	newest int64 // entry that was sent
	seen   int64 // last in a chunk
	stored int64 // last in a push that Loki took, 0 for never
	hot    int64 // until then it goes alone: Loki refused it for its rate
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
	return &memory{limits: l, seed: maphash.MakeSeed(), window: l.window, streams: map[uint64]known{}}
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
		r.isNew = at-k.stored > int64(forgetAfter)
		if !is {
			k = known{newest: r.newest, bucket: bucket{m.limits.burst, at}}
		}
		left := k.bucket.take(int64(r.bytes), at, m.limits)
		r.alone = m.farBehindLocked(r.oldest, k.newest, at) || m.nearRate(left) || at < k.hot
		k.newest, k.seen = max(k.newest, r.newest), at
		if is || len(m.streams) < maxKnown {
			m.streams[r.key] = k
		}
	}
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
	return true
}

// heat has a stream go alone for a while.
func (m *memory) heat(key uint64, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k, is := m.streams[key]; is {
		k.hot = now.Add(hotFor).UnixNano()
		m.streams[key] = k
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

// refused notes that Loki does not have a stream.
func (m *memory) refused(key uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k, is := m.streams[key]; is {
		k.stored = 0
		m.streams[key] = k
	}
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
}
