package inkafka

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/throttle"
)

// counts are what an input counts.
type counts struct {
	// records and bytes count what was read, by topic: events, and the bytes of
	// them.
	records, bytes *prometheus.CounterVec
	tombstones     prometheus.Counter
	problems       []prometheus.Counter
	// errors count what the client reported, by kind.
	errors     []prometheus.Counter
	rebalances []prometheus.Counter
	full       prometheus.Counter
	// clients count those that broke.
	clients prometheus.Counter
	// redeliveries count batches that were appended again, redelivered is their
	// log; both by delivery.Reason.
	redeliveries []prometheus.Counter
	redelivered  []throttle.Line
	commits      *commits
	partitions   partitions

	topic   string // the one read last
	ofTopic struct{ records, bytes int }
}

// Rebalances, by what they bring.
const (
	assigned = iota
	revoked
	lost
)

// prefix begins the names of the metrics.
const prefix = "tidegate_kafka_input"

func newCounts(reg prometheus.Registerer) *counts {
	with := promauto.With(reg)
	c := &counts{
		records: with.NewCounterVec(prometheus.CounterOpts{Name: prefix + "_records_total", Help: "Records that were read."}, []string{"topic"}),
		bytes: with.NewCounterVec(prometheus.CounterOpts{
			Name: prefix + "_bytes_total", Help: "Bytes of the records that were read, with their metadata.",
		}, []string{"topic"}),
		tombstones: with.NewCounter(prometheus.CounterOpts{Name: prefix + "_tombstones_total", Help: "Messages with a null value, which are skipped."}),
		problems: metric.ByLabel(reg, prefix+"_malformed_messages_total",
			"Messages whose value is not what format says, or has no time_key; see on_error.", "reason", problemNames[:]),
		errors:     metric.ByLabel(reg, prefix+"_client_errors_total", "Errors that the Kafka client reported.", "kind", kafkaconf.TroubleNames()),
		rebalances: metric.ByLabel(reg, prefix+"_rebalances_total", "Rebalances of the group, by what they did to this member.", "change", []string{"assigned", "revoked", "lost"}),
		full:       with.NewCounter(prometheus.CounterOpts{Name: prefix + "_append_refused_total", Help: "Batches that the agent had no room for; they were kept and appended later."}),
	}
	c.clients = with.NewCounter(prometheus.CounterOpts{Name: prefix + "_broken_clients_total", Help: "Kafka clients that met a fatal error and were replaced."})
	c.redeliveries = metric.ByLabel(reg, prefix+"_redelivered_batches_total",
		"Batches that were appended again since the agent lost them, by what showed it.", "reason", delivery.Reasons[:])
	c.redelivered = make([]throttle.Line, len(delivery.Reasons))
	c.commits = newCommits(reg)
	c.partitions = newPartitions(reg)
	// Topics come later; their families are there from the start.
	c.records.WithLabelValues("")
	c.bytes.WithLabelValues("")
	return c
}

// read counts a record of a topic. Only the reader calls it, and then enter.
func (c *counts) read(topic string, bytes int) {
	if topic != c.topic {
		c.enter()
		c.topic = topic
	}
	c.ofTopic.records++
	c.ofTopic.bytes += bytes
}

// enter takes over what was counted.
func (c *counts) enter() {
	if c.ofTopic.records > 0 {
		c.records.WithLabelValues(c.topic).Add(float64(c.ofTopic.records))
		c.bytes.WithLabelValues(c.topic).Add(float64(c.ofTopic.bytes))
		c.ofTopic.records, c.ofTopic.bytes = 0, 0
	}
}
