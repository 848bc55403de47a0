package main

import (
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/tidegate/tidegate/common/host"
	"github.com/tidegate/tidegate/common/metric"
)

// publishEvery is how old an instance's metrics may be. The host's own rates
// are of a second, and a scrape comes less often.
const publishEvery = time.Second

// startMetrics publishes the instance's metrics until its end.
func (i *instance) startMetrics(in *host.Instance) {
	to, err := in.NewMetrics()
	if err != nil {
		// Counting goes on: the sums are in the log at the end.
		i.log.Info("native metrics are off", "err", err)
		return
	}
	addRuntime(i.registry)
	publisher := metric.NewPublisher(i.registry, to)
	publish := func() {
		if err := publisher.Publish(); err != nil {
			i.log.Warn("some metrics are not published", "err", err)
		}
	}
	// Here, because the host shows a family to its readers before it is whole;
	// none of them runs before init is over.
	publish()
	i.loop("metrics", func() {
		defer to.Close()
		tick := time.NewTicker(publishEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				publish()
			case <-i.ctx.Done():
				return
			}
		}
	})
}

// addRuntime adds what the Go runtime takes. All instances share it, so each
// tells the same.
func addRuntime(reg prometheus.Registerer) {
	promauto.With(reg).NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tidegate_process_goroutines", Help: "Goroutines of all Tidegate instances of this agent.",
	}, func() float64 { return float64(runtime.NumGoroutine()) })
	promauto.With(reg).NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tidegate_process_go_memory_bytes", Help: "Memory that the Go runtime of this agent has from the system.",
	}, goMemory)
}

// goMemory is what the runtime holds, without what it gave back.
func goMemory() float64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return float64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}
