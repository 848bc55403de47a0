package fault

import (
	"sync"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// Gauge samples what a host takes, at equal distances, until it is read.
type Gauge struct {
	done    chan struct{}
	work    sync.WaitGroup
	samples []harness.Usage // of the goroutine, until done
}

// Measure begins.
func Measure(h *harness.Host, every time.Duration) *Gauge {
	g := &Gauge{done: make(chan struct{})}
	g.work.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-g.done:
				return
			case <-tick.C:
			}
			if u, err := h.Usage(); err == nil {
				g.samples = append(g.samples, u)
			}
		}
	})
	return g
}

// Samples ends the measuring and gives what it saw.
func (g *Gauge) Samples() []harness.Usage {
	close(g.done)
	g.work.Wait()
	return g.samples
}
