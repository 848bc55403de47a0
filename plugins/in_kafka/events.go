package inkafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/throttle"
)

// clientEvents logs what the client reports of itself: a client without brokers
// does so many times a second.
type clientEvents struct {
	counts  *counts
	log     *slog.Logger
	fail    func(error)
	brokers string
	why     *kafkaconf.Explainer
	member  membership

	troubles    [kafkaconf.NumTroubles]throttle.Line
	refusals    throttle.Line // of the membership
	uncommitted throttle.Line
}

func newClientEvents(c *Config, h plugin.Host, counts *counts) *clientEvents {
	return &clientEvents{
		counts:  counts,
		log:     h.Log,
		fail:    h.Fail,
		brokers: strings.Join(c.Brokers, ","),
		why:     c.RDKafka.Explainer(h.Go),
		member:  c.group.membership(*c.clientConfig()),
	}
}

// handle takes an event of the client that is not a message.
func (e *clientEvents) handle(ev any) {
	var err kafka.Error
	switch ev := ev.(type) {
	case kafka.Error:
		err = ev
	case kafka.OffsetsCommitted:
		e.committed(ev)
		return
	case *kafka.Stats:
		if err := e.counts.partitions.enter(ev.String()); err != nil {
			e.log.Debug("no statistics", "err", err)
		}
		return
	default:
		return // what nobody asked for
	}
	e.error(err)
}

func (e *clientEvents) error(err kafka.Error) {
	kind, text, line := kafkaconf.TroubleOf(err), "", &e.refusals
	if text = e.member.refused(err); text == "" {
		text, line = kind.Text(kafkaconf.Consumer), &e.troubles[kind]
	} else if !err.IsFatal() {
		kind = kafkaconf.Refused // by the group: someone has to act
	}
	e.counts.errors[kind].Inc()
	if err.IsFatal() {
		e.fail(fmt.Errorf("%s: %w", text, err))
		return
	}
	switch _, due := line.Add(time.Now(), 1); {
	case !due:
	case line == &e.refusals:
		e.log.Log(context.Background(), kind.Level(), text, "brokers", e.brokers, "err", err)
	default:
		e.why.Explain(kind, err, e.tell)
	}
}

// tell logs a trouble of the client.
func (e *clientEvents) tell(kind kafkaconf.Trouble, err error) {
	e.log.Log(context.Background(), kind.Level(), kind.Text(kafkaconf.Consumer), "brokers", e.brokers, "err", err)
}

// committed takes the outcome of a commit.
func (e *clientEvents) committed(ev kafka.OffsetsCommitted) {
	now, err := time.Now(), ev.Error
	for _, tp := range ev.Offsets {
		if err == nil && tp.Error == nil {
			e.counts.commits.committed(now, partitionOf(tp), int64(tp.Offset))
		}
	}
	var kafkaErr kafka.Error
	if err == nil || errors.As(err, &kafkaErr) && kafkaErr.Code() == kafka.ErrNoOffset {
		return
	}
	if _, due := e.uncommitted.Add(now, 1); due {
		e.log.Warn("offsets were not committed; the next commit includes them", "err", err)
	}
}

// formatPartitions writes `orders[0 1 2] audit[0]`.
func formatPartitions(list []kafka.TopicPartition) string {
	byTopic := map[string][]int32{}
	for _, tp := range list {
		byTopic[*tp.Topic] = append(byTopic[*tp.Topic], tp.Partition)
	}
	var topics []string
	for topic, ids := range byTopic {
		slices.Sort(ids)
		text := make([]string, len(ids))
		for i, id := range ids {
			text[i] = strconv.Itoa(int(id))
		}
		topics = append(topics, topic+"["+strings.Join(text, " ")+"]")
	}
	slices.Sort(topics)
	return strings.Join(topics, " ")
}
