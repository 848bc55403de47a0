package deadletter

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/throttle"
)

// counts are what every sink counts.
type counts struct {
	letters *prometheus.CounterVec // that are safe, by reason
	failed  prometheus.Counter
}

func newCounts(o Owner) counts {
	with := promauto.With(o.Host.Metrics)
	c := counts{
		letters: with.NewCounterVec(prometheus.CounterOpts{
			Name: o.Prefix + "_dead_letters_total", Help: "Records that the dead letter topic or file has.",
		}, []string{"reason"}),
		failed: with.NewCounter(prometheus.CounterOpts{
			Name: o.Prefix + "_dead_letter_failures_total", Help: "Tries to put a dead letter away that failed; each is tried again.",
		}),
	}
	for _, reason := range o.Reasons {
		c.letters.WithLabelValues(reason)
	}
	return c
}

func (c *counts) safe(l *Letter) { c.letters.WithLabelValues(l.Reason).Inc() }

// report counts and logs for a Topic. It is safe for concurrent use.
type report struct {
	counts
	cut                  prometheus.Counter
	letters, letterBytes prometheus.Gauge

	log     *slog.Logger
	topic   string
	brokers string
	// One for each kind of line.
	troubles [kafkaconf.NumTroubles]throttle.Line
	unfit    throttle.Line
	shrinks  throttle.Line
}

func newReport(o Owner, topic string, brokers []string) *report {
	with := promauto.With(o.Host.Metrics)
	return &report{
		counts: newCounts(o),
		cut: with.NewCounter(prometheus.CounterOpts{
			Name: o.Prefix + "_dead_letters_cut_total", Help: "Dead letters that were cut, because the topic takes no message of their size.",
		}),
		letters: with.NewGauge(prometheus.GaugeOpts{
			Name: o.Prefix + "_dead_letters_waiting", Help: "Dead letters that Kafka has not confirmed yet.",
		}),
		letterBytes: with.NewGauge(prometheus.GaugeOpts{
			Name: o.Prefix + "_dead_letters_waiting_bytes", Help: "Bytes of the dead letters that Kafka has not confirmed yet.",
		}),
		log:     o.Host.Log,
		topic:   topic,
		brokers: strings.Join(brokers, ","),
	}
}

// hold sets what waits.
func (r *report) hold(letters, bytes int) {
	r.letters.Set(float64(letters))
	r.letterBytes.Set(float64(bytes))
}

// shrunk tells that a letter lost a part.
func (r *report) shrunk(now time.Time, e *envelope) {
	if e.shrinks == 1 {
		r.cut.Inc()
	}
	if n, due := r.shrinks.Add(now, 1); due {
		r.log.Warn("dead letters are cut: the topic takes none of their size", "cuts", n, "dead_letter_topic", r.topic,
			"topic", e.letter.Topic, "partition", e.letter.Partition, "offset", e.letter.Offset, "value_bytes", e.cut.value,
			"check", "max.message.bytes of dead_letter_topic")
	}
}

// failed tells that a letter has to wait.
func (r *report) failed(now time.Time, err error) {
	r.counts.failed.Inc()
	var kafkaErr kafka.Error
	if !errors.As(err, &kafkaErr) {
		kafkaErr = kafka.NewError(kafka.ErrUnknown, err.Error(), false)
	}
	check := ""
	switch kafkaErr.Code() {
	case kafka.ErrMsgSizeTooLarge, kafka.ErrRecordListTooLarge:
		check = "max.message.bytes of dead_letter_topic: not even the headers of a dead letter fit"
	case kafka.ErrInvalidRecord:
		check = "cleanup.policy of dead_letter_topic: a compacted topic takes no message without a key"
	case kafka.ErrInvalidTimestamp:
		check = "this machine's clock, and message.timestamp.after.max.ms of dead_letter_topic"
	default:
		r.trouble(now, kafkaErr)
		return
	}
	if n, due := r.unfit.Add(now, 1); due {
		r.log.Error("dead_letter_topic does not take dead letters, they wait until it does", "failures", n,
			"dead_letter_topic", r.topic, "err", err, "check", check)
	}
}

// trouble tells what the client says, of a letter or of itself.
func (r *report) trouble(now time.Time, err kafka.Error) {
	kind := kafkaconf.TroubleOf(err)
	if _, due := r.troubles[kind].Add(now, 1); !due {
		return
	}
	text := "dead letters wait: " + kind.Text(kafkaconf.Producer)
	if kind == kafkaconf.Broken {
		text += "; a new one takes its place, and what was not delivered is sent again"
	}
	r.log.Log(context.Background(), kind.Level(), text, "dead_letter_topic", r.topic, "brokers", r.brokers, "err", err)
}

// close tells what the brokers do not have.
func (r *report) close(left int) {
	if left > 0 {
		r.log.Warn("stopped before Kafka confirmed all dead letters; their records are not finished", "letters", left, "dead_letter_topic", r.topic)
	}
}
