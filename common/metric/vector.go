package metric

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	dto "github.com/prometheus/client_model/go"
)

// ByLabel returns a counter for each value of a label, all of them there from
// the start: a rate over a series that appears with its first event misses
// that event. A value without a name has no counter.
func ByLabel(reg prometheus.Registerer, name, help, label string, values []string) []prometheus.Counter {
	vector := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	counters := make([]prometheus.Counter, len(values))
	for i, value := range values {
		if value != "" {
			counters[i] = vector.WithLabelValues(value)
		}
	}
	return counters
}

// Sum returns a counter's present value.
func Sum(c prometheus.Counter) int64 {
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		return 0 // cannot be: a counter writes itself into any message
	}
	return int64(m.GetCounter().GetValue())
}
