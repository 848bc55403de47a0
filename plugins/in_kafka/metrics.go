package inkafka

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/metric"
)

// problem is what can be wrong with a message. None of them loses it.
type problem uint8

const (
	// notJSON: the value is not what format says; its text stands under message.
	notJSON problem = iota

	numProblems
)

var problemNames = [numProblems]string{"json"}

// counts are what an input counts.
type counts struct {
	// records and bytes count what was appended, by topic: events, and the bytes
	// of them.
	records, bytes *prometheus.CounterVec
	tombstones     prometheus.Counter
	problems       []prometheus.Counter
	// errors count what the client reported, by kind.
	errors     []prometheus.Counter
	rebalances []prometheus.Counter
	full       prometheus.Counter
}

// Rebalances, by what they bring.
const (
	assigned = iota
	revoked
	lost
)

func newCounts(reg prometheus.Registerer) *counts {
	const prefix = "tidegate_kafka_input"
	with := promauto.With(reg)
	c := &counts{
		records: with.NewCounterVec(prometheus.CounterOpts{Name: prefix + "_records_total", Help: "Records that were appended to the agent's input."}, []string{"topic"}),
		bytes: with.NewCounterVec(prometheus.CounterOpts{
			Name: prefix + "_bytes_total", Help: "Bytes of the records that were appended to the agent's input, with their metadata.",
		}, []string{"topic"}),
		tombstones: with.NewCounter(prometheus.CounterOpts{Name: prefix + "_tombstones_total", Help: "Messages with a null value, which are skipped."}),
		problems: metric.ByLabel(reg, prefix+"_malformed_messages_total",
			"Messages whose value is not what format says; their text is the record.", "reason", problemNames[:]),
		errors:     metric.ByLabel(reg, prefix+"_client_errors_total", "Errors that the Kafka client reported.", "kind", kafkaconf.TroubleNames()),
		rebalances: metric.ByLabel(reg, prefix+"_rebalances_total", "Rebalances of the group, by what they did to this member.", "change", []string{"assigned", "revoked", "lost"}),
		full:       with.NewCounter(prometheus.CounterOpts{Name: prefix + "_append_refused_total", Help: "Batches that the agent had no room for; they were kept and appended later."}),
	}
	// Topics come later; their families are there from the start.
	c.records.WithLabelValues("")
	c.bytes.WithLabelValues("")
	return c
}

// appended counts a batch.
func (c *counts) appended(b *batch) {
	for i := range b.marks {
		m := &b.marks[i]
		if m.records > 0 {
			c.records.WithLabelValues(m.topic).Add(float64(m.records))
			c.bytes.WithLabelValues(m.topic).Add(float64(m.bytes))
		}
	}
}
