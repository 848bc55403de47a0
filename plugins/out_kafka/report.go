package outkafka

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/throttle"
)

// counters are what the output has done since it started.
type counters struct {
	// delivered counts records that the brokers have, rejected those given up,
	// detours those that went to topic_default.
	delivered atomic.Int64
	rejected  [numReasons]atomic.Int64
	detours   [numDetours]atomic.Int64
	// retried counts flushes that were answered with RETRY.
	retried atomic.Int64
}

// reporter counts and logs. It is safe for concurrent use.
type reporter struct {
	log      *slog.Logger
	brokers  string
	counters counters
	// One throttle for each kind of line.
	rejects  [numReasons]throttle.Line
	detours  [numDetours]throttle.Line
	troubles [kafkaconf.NumTroubles]throttle.Line
	waits    [kafkaconf.NumTroubles]throttle.Line
	timeouts throttle.Line
}

// commit takes over what a flush did.
func (r *reporter) commit(now time.Time, t *tally) {
	r.counters.delivered.Add(t.delivered)
	for why := range t.rejected {
		s := &t.rejected[why]
		if s.records == 0 {
			continue
		}
		r.counters.rejected[why].Add(s.records)
		if n, due := r.rejects[why].Add(now, s.records); due {
			r.logRejects(reason(why), n, s.example)
		}
	}
	for why := range t.detours {
		s := &t.detours[why]
		if s.records == 0 {
			continue
		}
		r.counters.detours[why].Add(s.records)
		if n, due := r.detours[why].Add(now, s.records); due {
			r.logDetours(detour(why), n, s.example)
		}
	}
}

func (r *reporter) logRejects(why reason, n int64, ex example) {
	attrs := []any{slog.String("reason", why.String()), slog.Int64("records", n)}
	if ex.topic != "" {
		attrs = append(attrs, slog.String("topic", ex.topic))
	}
	if ex.text != "" {
		attrs = append(attrs, slog.String("text", ex.text))
	}
	r.log.Error("records rejected", append(attrs, slog.String("check", why.check()))...)
}

func (r *reporter) logDetours(why detour, n int64, ex example) {
	attrs := []any{slog.String("reason", why.String()), slog.Int64("records", n)}
	if ex.topic != "" {
		attrs = append(attrs, slog.String("name", clip(ex.topic)))
	}
	r.log.Warn("records go to topic_default", attrs...)
}

// clip bounds what is repeated of a name that a record chose.
func clip(name string) string {
	const most = 80
	if len(name) <= most {
		return strings.ToValidUTF8(name, "\uFFFD")
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}

// trouble tells what the client says of itself.
func (r *reporter) trouble(now time.Time, err kafka.Error) {
	kind := kafkaconf.TroubleOf(err)
	if _, due := r.troubles[kind].Add(now, 1); !due {
		return
	}
	text := kind.Text(kafkaconf.Producer)
	if kind == kafkaconf.Broken {
		text += "; a new one takes its place, and what was not delivered is sent again"
	}
	r.log.Log(context.Background(), kind.Level(), text, "brokers", r.brokers, "err", err)
}

// retry tells why a chunk has to wait.
func (r *reporter) retry(now time.Time, d *delivery) {
	r.counters.retried.Add(1)
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
	rejects := int64(0)
	for why := range r.rejects {
		rejects += r.counters.rejected[why].Load()
		if n := r.rejects[why].Rest(); n > 0 {
			r.logRejects(reason(why), n, example{})
		}
	}
	for why := range r.detours {
		if n := r.detours[why].Rest(); n > 0 {
			r.logDetours(detour(why), n, example{})
		}
	}
	if left > 0 {
		r.log.Warn("stopped before Kafka confirmed all records; with filesystem storage the agent sends their chunks again", "records", left)
	}
	r.log.Info("stopped", "delivered", r.counters.delivered.Load(), "rejected", rejects)
}
