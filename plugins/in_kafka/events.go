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

	"github.com/tidegate/tidegate/common/plugin"
)

// errorEvery is how often the same kind of trouble is logged: a client without
// brokers reports one many times a second.
const errorEvery = 30 * time.Second

// clientEvents logs what the client reports of itself.
type clientEvents struct {
	log     *slog.Logger
	fail    func(error)
	brokers string
	last    map[trouble]time.Time
}

func newClientEvents(c *Config, h plugin.Host) *clientEvents {
	return &clientEvents{
		log:     h.Log,
		fail:    h.Fail,
		brokers: strings.Join(c.Brokers, ","),
		last:    map[trouble]time.Time{},
	}
}

// handle takes an event of the client that is not a message.
func (e *clientEvents) handle(ev any) {
	var err kafka.Error
	switch ev := ev.(type) {
	case kafka.Error:
		err = ev
	case kafka.OffsetsCommitted:
		e.committed(ev.Error)
		return
	default:
		return // statistics and the like, which nobody asked for
	}
	if err.IsFatal() {
		e.fail(fmt.Errorf("kafka client: %w", err))
		return
	}
	kind := kindOf(err.Code())
	if now := time.Now(); now.Sub(e.last[kind]) >= errorEvery {
		e.last[kind] = now
		e.log.Log(context.Background(), kind.level(), kind.text(), "brokers", e.brokers, "err", err)
	}
}

// committed takes the outcome of a commit.
func (e *clientEvents) committed(err error) {
	var kafkaErr kafka.Error
	if err == nil || errors.As(err, &kafkaErr) && kafkaErr.Code() == kafka.ErrNoOffset {
		return
	}
	if now := time.Now(); now.Sub(e.last[uncommitted]) >= errorEvery {
		e.last[uncommitted] = now
		e.log.Warn("offsets were not committed; the next commit includes them", "err", err)
	}
}

// trouble is a kind of error in an operator's eyes.
type trouble int

const (
	other trouble = iota
	unreachable
	noTopic
	refused
	denied
	expelled
	uncommitted
)

func kindOf(code kafka.ErrorCode) trouble {
	switch code {
	case kafka.ErrAllBrokersDown, kafka.ErrTransport, kafka.ErrResolve, kafka.ErrTimedOut:
		return unreachable
	case kafka.ErrUnknownTopicOrPart, kafka.ErrUnknownTopic:
		return noTopic
	case kafka.ErrAuthentication, kafka.ErrSaslAuthenticationFailed, kafka.ErrSsl:
		return refused
	case kafka.ErrTopicAuthorizationFailed, kafka.ErrGroupAuthorizationFailed:
		return denied
	case kafka.ErrMaxPollExceeded:
		return expelled
	}
	return other
}

// text says what a trouble means and what to look at.
func (k trouble) text() string {
	switch k {
	case unreachable:
		return "cannot reach Kafka, trying on; check brokers and the network"
	case noTopic:
		return "a topic does not exist yet; its records are read once it does"
	case refused:
		return "Kafka refuses this client, trying on; check the security settings"
	case denied:
		return "Kafka denies access, trying on; check the ACLs of the topics and the group"
	case expelled:
		return "the group gave this member's partitions away, because it did not poll in time; rejoining"
	}
	return "the Kafka client reports"
}

func (k trouble) level() slog.Level {
	if k == other || k == noTopic {
		return slog.LevelWarn
	}
	return slog.LevelError
}

// logClient writes librdkafka's own log lines to the agent's log, until stop.
// Its lines about connections come as errors too, which say more, so these
// are for debugging only.
func logClient(log *slog.Logger, lines <-chan kafka.LogEvent, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case line, ok := <-lines:
			if !ok {
				return
			}
			level := slog.LevelInfo
			switch {
			case line.Level >= 7 || line.Tag == "FAIL" || line.Tag == "ERROR":
				level = slog.LevelDebug
			case line.Level <= 4: // syslog: warning and worse
				level = slog.LevelWarn
			}
			log.Log(context.Background(), level, "librdkafka: "+line.Message, "facility", line.Tag)
		}
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
