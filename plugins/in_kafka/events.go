package inkafka

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/plugin"
)

// errorEvery is how often the same kind of client error is logged: a client
// without brokers reports one many times a second.
const errorEvery = 30 * time.Second

// clientEvents logs what the client reports of itself.
type clientEvents struct {
	log     *slog.Logger
	fail    func(error)
	brokers string
	last    map[kafka.ErrorCode]time.Time
}

func newClientEvents(c *Config, h plugin.Host) *clientEvents {
	return &clientEvents{
		log:     h.Log,
		fail:    h.Fail,
		brokers: strings.Join(c.Brokers, ","),
		last:    map[kafka.ErrorCode]time.Time{},
	}
}

// handle takes an event of the client that is not a message.
func (e *clientEvents) handle(ev any) {
	err, ok := ev.(kafka.Error)
	if !ok {
		return // statistics and the like, which nobody asked for
	}
	if err.IsFatal() {
		e.fail(fmt.Errorf("kafka client: %w", err))
		return
	}
	if now := time.Now(); now.Sub(e.last[err.Code()]) >= errorEvery {
		e.last[err.Code()] = now
		e.report(err)
	}
}

// report words an error for an operator: what it means and what to look at.
func (e *clientEvents) report(err kafka.Error) {
	switch err.Code() {
	case kafka.ErrAllBrokersDown, kafka.ErrTransport, kafka.ErrResolve:
		e.log.Error("cannot reach Kafka, trying on; check brokers and the network", "brokers", e.brokers, "err", err)
	case kafka.ErrUnknownTopicOrPart, kafka.ErrUnknownTopic:
		e.log.Warn("a topic does not exist yet; its records are read once it does", "err", err)
	case kafka.ErrAuthentication, kafka.ErrSaslAuthenticationFailed, kafka.ErrSsl:
		e.log.Error("Kafka refuses this client, trying on; check the security settings", "brokers", e.brokers, "err", err)
	case kafka.ErrTopicAuthorizationFailed, kafka.ErrGroupAuthorizationFailed:
		e.log.Error("Kafka denies access, trying on; check the ACLs of the topics and the group", "err", err)
	case kafka.ErrMaxPollExceeded:
		e.log.Error("the group gave this member's partitions away, because it did not poll in time; rejoining", "err", err)
	default:
		e.log.Warn("the Kafka client reports", "err", err)
	}
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
			log.Log(nil, level, "librdkafka: "+line.Message, "facility", line.Tag) //nolint:staticcheck // the handler takes no context
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
