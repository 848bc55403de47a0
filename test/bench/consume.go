package main

import (
	"context"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// consumer reads a topic from its beginning, without a group.
type consumer struct{ client *kafka.Consumer }

func newConsumer(b *broker, topic string) (*consumer, error) {
	client, err := kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers":    b.address(),
		"group.id":             "bench-reader", // demanded, not used
		"enable.auto.commit":   false,
		"enable.partition.eof": false,
		"fetch.wait.max.ms":    10, // for the latency: how long a fetch waits for a first byte
		"log_level":            0,
	})
	if err != nil {
		return nil, err
	}
	var all []kafka.TopicPartition
	for p := range int32(partitions) {
		all = append(all, kafka.TopicPartition{Topic: &topic, Partition: p, Offset: kafka.OffsetBeginning})
	}
	if err := client.Assign(all); err != nil {
		client.Close()
		return nil, err
	}
	return &consumer{client}, nil
}

// next gives a message and when it came, or nil after a short wait without one.
func (c *consumer) next() ([]byte, time.Time, error) {
	for {
		switch e := c.client.Poll(int(look.Milliseconds())).(type) {
		case nil:
			return nil, time.Time{}, nil
		case *kafka.Message:
			return e.Value, time.Now(), e.TopicPartition.Error
		case kafka.Error:
			if e.IsFatal() {
				return nil, time.Time{}, e
			}
		}
	}
}

func (c *consumer) close() { c.client.Close() }

// readBack counts how often each record is in a topic.
func (b *broker) readBack(ctx context.Context, topic string, want int) (verdict, error) {
	messages, err := b.count(ctx, topic)
	if err != nil {
		return verdict{}, err
	}
	c, err := newConsumer(b, topic)
	if err != nil {
		return verdict{}, err
	}
	defer c.close()
	found := newTally(want)
	deadline := time.Now().Add(brokerCall)
	for read := 0; read < messages; {
		value, _, err := c.next()
		if err != nil {
			return verdict{}, fmt.Errorf("reading back %s: %w", topic, err)
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return verdict{}, fmt.Errorf("reading back %s: %d of %d messages came", topic, read, messages)
		}
		if value == nil {
			continue
		}
		read++
		if n, _, err := recordNumber(value); err == nil {
			found.add(n)
		} else {
			found.foreign++
		}
	}
	return found.verdict(), nil
}
