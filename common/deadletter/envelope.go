package deadletter

import (
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// envelope is a letter on its way to a topic.
type envelope struct {
	letter Letter // a copy
	safe   func()
	size   int // what it counted for when it was taken

	// cut is what the letter had and was too large with.
	cut     struct{ value, key, headers int }
	shrinks int
	// alone tells that it is to share a batch with no other, see doubt.
	alone bool
	// tries are those that failed; due is when to try again.
	tries int
	due   time.Time
}

func newEnvelope(l *Letter, size int, safe func()) *envelope {
	return &envelope{letter: l.clone(), safe: safe, size: size}
}

// message is stamped with the present time: with the record's own, which can be
// long ago, the topic's retention would delete it at once.
func (e *envelope) message(topic *string, instance string, now time.Time) *kafka.Message {
	return &kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: topic, Partition: kafka.PartitionAny},
		Key:            e.letter.Key,
		Value:          e.letter.Value,
		Timestamp:      now,
		Headers:        e.header(instance),
		Opaque:         e,
	}
}

// leastValue is the length of a value that is not worth a round trip to keep.
const leastValue = 1 << 10

// shrink cuts a letter that was too large: the value by half and half again,
// because nobody tells what would fit, then everything whose size the record
// chose. It returns false if there is nothing left to cut; what stays is a few
// hundred bytes, which all but a topic set up wrongly take.
func (e *envelope) shrink() bool {
	l := &e.letter
	e.shrinks++
	if n := len(l.Value); n > 0 {
		if e.cut.value == 0 {
			e.cut.value = n
		}
		if n /= 2; n < leastValue {
			n = 0
		}
		l.Value = l.Value[:n:n]
		return true
	}
	if len(l.Key) == 0 && len(l.Headers) == 0 && l.Labels == "" {
		return false
	}
	e.cut.key, e.cut.headers = len(l.Key), len(l.Headers)
	l.Key, l.Headers, l.Labels = nil, nil, ""
	return true
}
