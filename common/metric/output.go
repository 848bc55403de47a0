package metric

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Output is what every output counts.
type Output struct {
	// ReceivedRecords and ReceivedBytes count what was in flushed chunks, as
	// often as they were flushed.
	ReceivedRecords, ReceivedBytes prometheus.Counter
	// Delivered counts records that the server confirmed.
	Delivered prometheus.Counter
	// SentBytes counts what went out, before encryption.
	SentBytes prometheus.Counter
	// Retried counts flushes that were answered with RETRY.
	Retried prometheus.Counter
}

// NewOutput registers an output's counters. prefix is tidegate_<plugin>.
func NewOutput(reg prometheus.Registerer, prefix string) Output {
	counter := func(name, help string) prometheus.Counter {
		return promauto.With(reg).NewCounter(prometheus.CounterOpts{Name: prefix + "_" + name, Help: help})
	}
	return Output{
		ReceivedRecords: counter("received_records_total", "Records in the chunks that were flushed, those of repeated flushes again."),
		ReceivedBytes:   counter("received_bytes_total", "Bytes of the chunks that were flushed, those of repeated flushes again."),
		Delivered:       counter("delivered_records_total", "Records that the server confirmed."),
		SentBytes:       counter("sent_bytes_total", "Bytes that were sent, compressed and without headers of the protocol."),
		Retried:         counter("retried_chunks_total", "Flushes that were answered with RETRY."),
	}
}

// NewResumed registers the counter of flushes that an output takes up where an
// earlier one of the chunk had to wait.
func NewResumed(reg prometheus.Registerer, prefix string) prometheus.Counter {
	return promauto.With(reg).NewCounter(prometheus.CounterOpts{
		Name: prefix + "_resumed_chunks_total", Help: "Flushes that went on where an earlier one of the chunk had to wait.",
	})
}

// Requests is what an output over HTTP counts of its requests.
type Requests struct {
	// Outcomes count requests by what they came to.
	Outcomes []prometheus.Counter
	// Seconds is how long they took, to the end of the answer.
	Seconds prometheus.Histogram
}

// requestSeconds reach from a server next door to the default timeout.
var requestSeconds = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// NewRequests registers the metrics of requests that come to one of outcomes.
func NewRequests(reg prometheus.Registerer, prefix string, outcomes []string) Requests {
	return Requests{
		Outcomes: ByLabel(reg, prefix+"_requests_total", "Requests by what they came to.", "outcome", outcomes),
		Seconds: promauto.With(reg).NewHistogram(prometheus.HistogramOpts{
			Name: prefix + "_request_duration_seconds", Help: "How long requests took.", Buckets: requestSeconds,
		}),
	}
}
