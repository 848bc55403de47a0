package inkafka

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/tidegate/tidegate/common/delivery"
)

// commits measures how long offsets wait for their commit, from when they may be
// committed to the broker's answer.
type commits struct {
	seconds prometheus.Histogram

	mu sync.Mutex
	// waits are the offsets that were not committed yet: of a partition the first
	// since the last commit.
	waits map[delivery.Partition]waitingOffset
}

type waitingOffset struct {
	next  int64
	since time.Time
}

// commitSeconds reach from a commit at once to a broker that is away.
var commitSeconds = []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}

func newCommits(reg prometheus.Registerer) *commits {
	return &commits{
		seconds: promauto.With(reg).NewHistogram(prometheus.HistogramOpts{
			Name: prefix + "_commit_duration_seconds", Help: "How long offsets that may be committed waited for it.", Buckets: commitSeconds,
		}),
		waits: map[delivery.Partition]waitingOffset{},
	}
}

// stored notes offsets that the client is to commit.
func (c *commits) stored(now time.Time, list []delivery.Offset) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range list {
		if _, ok := c.waits[o.Partition]; !ok {
			c.waits[o.Partition] = waitingOffset{o.Next, now}
		}
	}
}

// committed notes what the broker has.
func (c *commits) committed(now time.Time, of delivery.Partition, next int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w, ok := c.waits[of]; ok && next >= w.next {
		c.seconds.Observe(now.Sub(w.since).Seconds())
		delete(c.waits, of)
	}
}

// revoked forgets a partition.
func (c *commits) revoked(of delivery.Partition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waits, of)
}
