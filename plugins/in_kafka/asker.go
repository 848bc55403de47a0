package inkafka

import (
	"errors"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// asker asks the brokers for offsets of many partitions at once. What they do
// not answer is left out, and err says why.
type asker struct {
	client  startClient
	timeout time.Duration
	over    <-chan struct{} // nothing more is asked once it is closed
	err     error

	unanswered bool // not a partition, but a whole question
}

var errOver = errors.New("the input ends")

func (s *start) asker() asker { return asker{client: s.client, timeout: s.askFor, over: s.over} }

// isOver keeps the reading, and an exit, from waiting for a row of questions.
func (a *asker) isOver() bool {
	if a.unanswered {
		return true
	}
	select {
	case <-a.over:
		a.err = errOver
		return true
	default:
		return false
	}
}

// committed returns the group's offsets, OffsetInvalid for none.
func (a *asker) committed(list []partition) map[partition]kafka.TopicPartition {
	if a.isOver() {
		return nil
	}
	got, err := a.client.Committed(topicPartitions(list, kafka.OffsetInvalid), int(a.timeout.Milliseconds()))
	return a.collect(got, err)
}

// offsets returns the offset of each partition for spec: OffsetBeginning,
// OffsetEnd, or a time in milliseconds.
func (a *asker) offsets(list []partition, spec kafka.Offset) map[partition]kafka.Offset {
	offsets := map[partition]kafka.Offset{}
	if len(list) == 0 || a.isOver() {
		return offsets
	}
	if spec >= 0 {
		// A time behind the last record means the end, and Kafka then says that
		// and not where it is. Asked first, it is an end before which no record
		// of that time is: asked later, it could be behind one.
		offsets = a.offsets(list, kafka.OffsetEnd)
	}
	// OffsetsForTimes takes -1 and -2, the protocol's own for end and beginning,
	// and asks each leader once, where QueryWatermarkOffsets would ask for each
	// partition. Under read_committed the end is the last stable offset.
	got, err := a.client.OffsetsForTimes(topicPartitions(list, spec), int(a.timeout.Milliseconds()))
	answers := a.collect(got, err)
	for _, p := range list {
		switch tp, ok := answers[p]; {
		case !ok:
			delete(offsets, p)
		case tp.Offset >= 0:
			offsets[p] = tp.Offset
		}
	}
	return offsets
}

func (a *asker) collect(got []kafka.TopicPartition, err error) map[partition]kafka.TopicPartition {
	answers := map[partition]kafka.TopicPartition{}
	if err != nil {
		a.err, a.unanswered = err, true
		return answers
	}
	for _, tp := range got {
		if tp.Error != nil {
			a.err = tp.Error
			continue
		}
		answers[partitionOf(tp)] = tp
	}
	return answers
}

func topicPartitions(list []partition, offset kafka.Offset) []kafka.TopicPartition {
	tps := make([]kafka.TopicPartition, len(list))
	for i, p := range list {
		tps[i] = kafka.TopicPartition{Topic: &p.Topic, Partition: p.ID, Offset: offset}
	}
	return tps
}
