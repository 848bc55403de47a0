package inkafka

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/tidegate/tidegate/common/delivery"
)

// addLedger adds what the ledger knows.
func (c *counts) addLedger(reg prometheus.Registerer, l *delivery.Ledger, h *health) {
	with := promauto.With(reg)
	gauge := func(name, help string, value func() float64) {
		with.NewGaugeFunc(prometheus.GaugeOpts{Name: prefix + "_" + name, Help: help}, value)
	}
	gauge("in_flight_records", "Records that were read and are not finished: delivered, rejected or filtered out.",
		func() float64 { return float64(l.Stats().Records) })
	gauge("in_flight_bytes", "Memory that keeps the batches of these records.", func() float64 { return float64(l.Stats().Bytes) })
	gauge("oldest_record_age_seconds", "How far behind: the age of the oldest record in flight, 0 where there is none.", func() float64 {
		at, ok := l.Oldest()
		if blocked := h.blocked.Load(); blocked > 1 && (!ok || blocked < at) {
			at, ok = blocked, true
		}
		if !ok {
			return 0
		}
		return max(time.Since(time.UnixMilli(at)).Seconds(), 0)
	})
	gauge("stuck", "1 while records are in flight and none was finished for stuck_after.", func() float64 {
		if h.stuck.Load() {
			return 1
		}
		return 0
	})
	counter := func(name, help string, value func(delivery.Stats) int64) {
		with.NewCounterFunc(prometheus.CounterOpts{Name: prefix + "_" + name, Help: help}, func() float64 { return float64(value(l.Stats())) })
	}
	counter("filtered_records_total", "Records that came to no output, so that a filter must have dropped them.",
		func(s delivery.Stats) int64 { return s.Filtered })
	counter("late_records_total", "Records that came to an output after all, when they had been taken for filtered and their offsets committed.",
		func(s delivery.Stats) int64 { return s.Late })
}

// partitions are gauges of the client's statistics.
type partitions struct {
	lag      *prometheus.GaugeVec // topic, partition
	brokerUp *prometheus.GaugeVec // broker
	rtt      *prometheus.GaugeVec // broker
}

func newPartitions(reg prometheus.Registerer) partitions {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		v := promauto.With(reg).NewGaugeVec(prometheus.GaugeOpts{Name: prefix + "_" + name, Help: help}, labels)
		// Partitions and brokers come later; the family is there from the start.
		v.WithLabelValues(make([]string, len(labels))...)
		return v
	}
	return partitions{
		lag:      gauge("lag_records", "Records of a partition behind the one that may be committed, of those assigned to this member.", "topic", "partition"),
		brokerUp: gauge("broker_up", "1 while the client is connected to a broker.", "broker"),
		rtt:      gauge("broker_rtt_seconds", "Average time of a request to a broker.", "broker"),
	}
}
