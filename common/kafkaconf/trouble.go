package kafkaconf

import (
	"log/slog"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Trouble is a kind of error in an operator's eyes: what to look at, and of
// which one line in a while is enough.
type Trouble uint8

// The kinds.
const (
	Other Trouble = iota
	Unreachable
	NoTopic
	Refused
	Denied
	Expelled
	Broken

	NumTroubles
)

var troubleNames = [NumTroubles]string{"other", "unreachable", "no_topic", "refused", "denied", "expelled", "broken"}

// TroubleNames are the kinds' names in metrics.
func TroubleNames() []string { return troubleNames[:] }

// TroubleOf sorts an error of the client.
func TroubleOf(err kafka.Error) Trouble {
	if err.IsFatal() {
		return Broken
	}
	switch err.Code() {
	case kafka.ErrAllBrokersDown, kafka.ErrTransport, kafka.ErrResolve, kafka.ErrTimedOut, kafka.ErrMsgTimedOut:
		return Unreachable
	case kafka.ErrUnknownTopicOrPart, kafka.ErrUnknownTopic:
		return NoTopic
	case kafka.ErrAuthentication, kafka.ErrSaslAuthenticationFailed, kafka.ErrSsl:
		return Refused
	case kafka.ErrTopicAuthorizationFailed, kafka.ErrGroupAuthorizationFailed, kafka.ErrClusterAuthorizationFailed:
		return Denied
	case kafka.ErrMaxPollExceeded:
		return Expelled
	case kafka.ErrFatal:
		return Broken
	}
	return Other
}

// Text says what a trouble means for that kind of client, and what to look at.
func (t Trouble) Text(client Client) string {
	producer := client == Producer
	switch t {
	case Unreachable:
		return "cannot reach Kafka, trying on; check brokers and the network"
	case NoTopic:
		if producer {
			return "a topic does not exist; its records wait until it does"
		}
		return "a topic does not exist yet; its records are read once it does"
	case Refused:
		return "Kafka refuses this client, trying on; check the security settings"
	case Denied:
		if producer {
			return "Kafka denies access, trying on; check the ACLs of the topics"
		}
		return "Kafka denies access, trying on; check the ACLs of the topics and the group"
	case Expelled:
		return "the group gave this member's partitions away, because it did not poll in time; rejoining"
	case Broken:
		return "the Kafka client can go no further"
	}
	return "the Kafka client reports"
}

// Level is that of the log line.
func (t Trouble) Level() slog.Level {
	if t == Other || t == NoTopic {
		return slog.LevelWarn
	}
	return slog.LevelError
}
