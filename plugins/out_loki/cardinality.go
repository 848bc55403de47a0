package outloki

import (
	"hash/maphash"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/throttle"
)

// cardinality keeps a budget of values for each label. Beyond it, a label takes
// no new values until old ones were not seen for a while; those that it has stay
// as they are, so that streams which exist go on. It is safe for concurrent use.
type cardinality struct {
	most   int
	window time.Duration
	now    func() time.Time
	log    *slog.Logger
	// demoted counts what was turned down, by label.
	demoted *prometheus.CounterVec
	seed    maphash.Seed

	mu     sync.Mutex
	labels map[string]*labelValues
}

// labelValues are the values that one label has: hashes, each with the time at
// which it was last seen, in Unix seconds.
type labelValues struct {
	seen  map[uint64]int64
	sweep int64 // when to look for old ones next
	line  throttle.Line
}

func newCardinality(l *limits, log *slog.Logger, demoted *prometheus.CounterVec) *cardinality {
	return &cardinality{
		most: l.cardinality, window: l.cardinalityWindow, now: time.Now, log: log, demoted: demoted,
		seed: maphash.MakeSeed(), labels: map[string]*labelValues{},
	}
}

// allows reports whether a label may have a value, and notes that it has.
func (c *cardinality) allows(label string, value []byte) bool {
	now := c.now()
	hash := maphash.Bytes(c.seed, value)
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.labels[label]
	if v == nil {
		v = &labelValues{seen: map[uint64]int64{}}
		c.labels[label] = v
	}
	if _, known := v.seen[hash]; !known {
		if len(v.seen) >= c.most {
			v.forget(now, c.window)
		}
		if len(v.seen) >= c.most {
			c.refuseLocked(v, label, now)
			return false
		}
	}
	v.seen[hash] = now.Unix()
	return true
}

// would is allows, but notes nothing.
func (c *cardinality) would(label string, value []byte) bool {
	hash := maphash.Bytes(c.seed, value)
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.labels[label]
	if v == nil {
		return true
	}
	_, known := v.seen[hash]
	return known || len(v.seen) < c.most
}

// forget removes the values that were not seen within the window. It looks at
// most sixteen times in a window: that many passes over a full budget cost less
// than the streams they save.
func (v *labelValues) forget(now time.Time, window time.Duration) {
	if now.Unix() < v.sweep {
		return
	}
	v.sweep = now.Add(window / 16).Unix()
	before := now.Add(-window).Unix()
	for hash, seen := range v.seen {
		if seen < before {
			delete(v.seen, hash)
		}
	}
}

func (c *cardinality) refuseLocked(v *labelValues, label string, now time.Time) {
	c.demoted.WithLabelValues(label).Inc()
	if n, due := v.line.Add(now, 1); due {
		c.log.Warn("a label has too many values, new ones leave the labels: take it out of labels and write it as structured_metadata, or raise label_cardinality",
			"label", label, "values", c.most, "window", c.window, "streams", n)
	}
}
