package inkafka

import (
	"fmt"
	"slices"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// assignClient is the consumer, as far as its assignment is changed.
type assignClient interface {
	GetRebalanceProtocol() string
	Assign(list []kafka.TopicPartition) error
	Unassign() error
	Assignment() ([]kafka.TopicPartition, error)
	IncrementalAssign(list []kafka.TopicPartition) error
	IncrementalUnassign(list []kafka.TopicPartition) error
	Position(list []kafka.TopicPartition) ([]kafka.TopicPartition, error)
}

func isEager(c assignClient) bool { return c.GetRebalanceProtocol() == "EAGER" }

// assign assigns, in the rebalance callback, what the group gives to this
// member. librdkafka takes only the call of the group's protocol.
func assign(c assignClient, list []kafka.TopicPartition) error {
	if isEager(c) {
		return c.Assign(list)
	}
	return c.IncrementalAssign(list)
}

// reassign starts partitions of the assignment again, at other offsets. assigned
// are all of it, with the offsets at which they were assigned; forward sends the
// messages of partitions to the reader's queue.
//
// An eager member can only assign all at once. The others then go on behind the
// last message that was drained of each, or where they started if there was none.
func reassign(c assignClient, list []kafka.TopicPartition, assigned map[partition]kafka.Offset, forward func([]kafka.TopicPartition)) error {
	remove, add := c.IncrementalUnassign, c.IncrementalAssign
	if isEager(c) {
		positions, err := withPositions(c, list, assigned)
		if err != nil {
			return err
		}
		list = positions
		remove, add = func([]kafka.TopicPartition) error { return c.Unassign() }, c.Assign
	}
	if err := remove(list); err != nil {
		return fmt.Errorf("unassigning %s: %w", formatPartitions(list), err)
	}
	// A partition that stops forgets where its messages were forwarded to, some
	// time after the call: forwarded before that, they would stay where nobody
	// looks (run). The client's thread takes one request after the other, so
	// with the answer to this one that is over.
	if _, err := c.Assignment(); err != nil {
		return fmt.Errorf("asking for the assignment: %w", err)
	}
	forward(list)
	if err := add(list); err != nil {
		return fmt.Errorf("assigning %s: %w", formatPartitions(list), err)
	}
	return nil
}

// withPositions adds the rest of the assignment to a list, each partition at
// the offset that it is to be read on at.
func withPositions(c assignClient, list []kafka.TopicPartition, assigned map[partition]kafka.Offset) ([]kafka.TopicPartition, error) {
	moved := map[partition]bool{}
	all := slices.Clone(list)
	for _, tp := range list {
		moved[partitionOf(tp)] = true
	}
	var others []partition
	for p := range assigned {
		if !moved[p] {
			others = append(others, p)
		}
	}
	positions, err := c.Position(topicPartitions(others, kafka.OffsetInvalid))
	if err != nil {
		return nil, fmt.Errorf("asking for positions: %w", err)
	}
	for _, tp := range positions {
		if tp.Offset < 0 {
			tp.Offset = assigned[partitionOf(tp)]
		}
		all = append(all, kafka.TopicPartition{Topic: tp.Topic, Partition: tp.Partition, Offset: tp.Offset})
	}
	return all, nil
}
