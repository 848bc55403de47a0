package main

import (
	"fmt"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// The groups of the pipeline, each with the name that follows the prefix.
var readers = []string{"loki", "logtide"}

// committed gives a reader's offset in each partition, 0 where it has none.
func (k *kafkaServer) committed(reader string) (at [partitions]int64, err error) {
	c, err := k.newConsumer(k.group + "-" + reader)
	if err != nil {
		return at, err
	}
	defer func() { _ = c.Close() }()
	list, err := c.Committed(k.all(), answerWithin)
	if err != nil {
		return at, fmt.Errorf("asking for committed offsets: %w", err)
	}
	for _, tp := range list {
		at[tp.Partition] = max(int64(tp.Offset), 0) // negative: nothing was committed
	}
	return at, nil
}

// taken holds that a reader's offsets are at the end, and that count messages are there.
func (k *kafkaServer) taken(reader string, count int) error {
	ends, err := k.ends()
	if err != nil {
		return err
	}
	at, err := k.committed(reader)
	if err != nil {
		return err
	}
	total, behind := int64(0), int64(0)
	for id, end := range ends {
		total += end
		behind += end - at[id]
	}
	if total < int64(count) || behind > 0 {
		return fmt.Errorf("%d of %d messages are in Kafka, and the group of %s has yet to commit %d of them", total, count, reader, behind)
	}
	return nil
}

// printCommitted prints the groups' offsets. It is an error if they are not at
// the end of every partition.
func (k *kafkaServer) printCommitted() error {
	ends, err := k.ends()
	if err != nil {
		return err
	}
	var at [2][partitions]int64
	for i, reader := range readers {
		if at[i], err = k.committed(reader); err != nil {
			return err
		}
	}
	fmt.Printf("\ncommitted offsets %39s %8s %6s\n", readers[0], readers[1], "end")
	behind := 0
	for id, end := range ends {
		fmt.Printf("  %-50s %4d %8d %6d\n", fmt.Sprintf("%s[%d]", k.topic(), id), at[0][id], at[1][id], end)
		if at[0][id] != end || at[1][id] != end {
			behind++
		}
	}
	if behind > 0 {
		return fmt.Errorf("%d partitions are not committed to their end", behind)
	}
	return nil
}

func (k *kafkaServer) newConsumer(group string) (*kafka.Consumer, error) {
	return kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers": k.brokers, "group.id": group, "enable.auto.commit": false, "go.logs.channel.enable": true,
	})
}
