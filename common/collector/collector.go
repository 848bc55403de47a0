// Package collector keeps Go's garbage collector from doubling what is no
// garbage.
//
// By default the heap grows to twice what lives before it is collected. What
// inputs keep until it is delivered is most of what lives: up to max_in_flight,
// in large blocks without pointers, which cost the collector nothing. So the
// room for garbage follows the rest.
package collector

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// leastRoom is the garbage that is allowed in any case. With less, the
// collector would run so often that it shows.
const leastRoom = 16 << 20

// Collector sets the target of this process's garbage collector, which is
// GOGC's until then. The zero value is ready. It is safe for concurrent use.
type Collector struct {
	mu sync.Mutex
	// standard is the percentage that was there before, 0 as long as it was not
	// read; set is the one that is there now.
	standard, set int
}

// Adjust tells how many bytes of the heap are kept on purpose. It is to be
// called about once a second while that changes.
func (c *Collector) Adjust(kept int64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/gogc:percent"}}
	metrics.Read(samples)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.standard == 0 {
		c.standard = percentOf(samples[1].Value.Uint64())
		c.set = c.standard
	}
	if c.standard < 0 {
		return // GOGC=off
	}
	percent := target(c.standard, samples[0].Value.Uint64(), uint64(max(kept, 0)))
	// A change stops the world for a moment.
	if percent == c.standard && c.set != percent || 8*abs(percent-c.set) > c.set {
		debug.SetGCPercent(percent)
		c.set = percent
	}
}

// target is the percentage of live bytes that gives garbage the room that the
// standard one gives it beside what is not kept.
func target(standard int, live, kept uint64) int {
	live = max(live, kept, 1) // the last collection may be some time ago
	room := max(uint64(standard)*(live-kept)/100, leastRoom)
	return int(min(100*room/live, uint64(standard)))
}

// percentOf is -1 for off, which the runtime tells as a huge number.
func percentOf(n uint64) int {
	if n > math.MaxInt32 {
		return -1
	}
	return int(n)
}

func abs(n int) int { return max(n, -n) }
