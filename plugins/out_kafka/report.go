package outkafka

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
	"github.com/tidegate/tidegate/common/throttle"
)

// settled is what one flush did. The zero value is ready.
type settled struct {
	delivered int64
	bytes     int // of the messages that the client took
	rejected  reasons.Sums[reason]
	detours   reasons.Sums[detour]
}

// reporter counts and logs. It is safe for concurrent use.
type reporter struct {
	log      *slog.Logger
	brokers  string
	counts   metric.Output
	rejected *reasons.Book[reason]
	detours  *reasons.Book[detour]
	errors   []prometheus.Counter // of the client, by kind
	why      *kafkaconf.Explainer
	// One throttle for each kind of line.
	troubles [kafkaconf.NumTroubles]throttle.Line
	waits    [kafkaconf.NumTroubles]throttle.Line
	timeouts throttle.Line
}

// prefix is that of the metrics.
const prefix = "tidegate_kafka_output"

func newReporter(host plugin.Host, brokers string, why *kafkaconf.Explainer) *reporter {
	return &reporter{
		log:      host.Log,
		brokers:  brokers,
		why:      why,
		counts:   metric.NewOutput(host.Metrics, prefix),
		rejected: reasons.NewRejected(prefix, numReasons, reason.check, host.Log, host.Metrics),
		detours: reasons.NewBook(reasons.Table[detour]{
			Count:  numDetours,
			Metric: prefix + "_default_topic_records_total", Help: "Records that went to topic_default.",
			Message: "records go to topic_default", Level: slog.LevelWarn,
		}, host.Log, host.Metrics),
		errors: metric.ByLabel(host.Metrics, prefix+"_client_errors_total", "Errors that the Kafka client reported.", "kind", kafkaconf.TroubleNames()),
	}
}

// enter takes over what a flush did.
func (r *reporter) enter(now time.Time, d *sending) {
	r.counts.ReceivedRecords.Add(float64(len(d.flight.states)))
	r.counts.ReceivedBytes.Add(float64(len(d.data)))
	r.counts.SentBytes.Add(float64(d.settled.bytes))
	r.counts.Delivered.Add(float64(d.settled.delivered))
	r.rejected.Enter(now, &d.settled.rejected)
	r.detours.Enter(now, &d.settled.detours)
}

// trouble tells what the client says of itself.
func (r *reporter) trouble(now time.Time, err kafka.Error) {
	kind := kafkaconf.TroubleOf(err)
	r.errors[kind].Inc()
	if _, due := r.troubles[kind].Add(now, 1); due {
		r.why.Explain(kind, err, r.tell)
	}
}

// tell logs a trouble of the client.
func (r *reporter) tell(kind kafkaconf.Trouble, err error) {
	text := kind.Text(kafkaconf.Producer)
	if kind == kafkaconf.Broken {
		text += "; a new one takes its place, and what was not delivered is sent again"
	}
	r.log.Log(context.Background(), kind.Level(), text, "brokers", r.brokers, "err", err)
}

// retry tells why a chunk has to wait. That it waits for nothing but dead letters,
// the office tells.
func (r *reporter) retry(now time.Time, d *sending, onlyLetters bool) {
	r.counts.Retried.Inc()
	if onlyLetters {
		return
	}
	if d.cause == nil {
		if n, due := r.timeouts.Add(now, 1); due {
			r.log.Warn("no answer from Kafka within flush_timeout, chunks wait for it", "chunks", n, "outstanding", d.flight.outstanding, "brokers", r.brokers)
		}
		return
	}
	kind := kafkaconf.Other
	var kafkaErr kafka.Error
	if errors.As(d.cause, &kafkaErr) {
		kind = kafkaconf.TroubleOf(kafkaErr)
	}
	n, due := r.waits[kind].Add(now, 1)
	if !due {
		return
	}
	attrs := []any{slog.Int64("chunks", n), slog.Any("err", d.cause)}
	if d.topic != "" {
		attrs = append(attrs, slog.String("topic", d.topic))
	}
	r.log.Log(context.Background(), kind.Level(), "records were not delivered, chunks wait: "+kind.Text(kafkaconf.Producer), attrs...)
}

// close logs what was kept back, and the sums.
func (r *reporter) close(left int) {
	r.why.Close()
	r.rejected.Close()
	r.detours.Close()
	if left > 0 {
		r.log.Warn("stopped before Kafka confirmed all records; with filesystem storage the agent sends their chunks again", "records", left)
	}
	r.log.Info("stopped", "delivered", metric.Sum(r.counts.Delivered), "rejected", r.rejected.Total())
}
