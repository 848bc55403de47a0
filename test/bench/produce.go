package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// producer writes records into a topic, spread evenly over its partitions.
type producer struct {
	client *kafka.Producer
	topic  string
	failed error // of a delivery; valid once close has returned
	joined chan struct{}
}

// newProducer: linger is how long messages wait for others. A load is written in the
// large batches of a busy producer, a trickle message by message.
func newProducer(b *broker, topic string, linger time.Duration) (*producer, error) {
	client, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers":            b.address(),
		"compression.codec":            "lz4",
		"enable.idempotence":           true,
		"linger.ms":                    int(linger.Milliseconds()),
		"queue.buffering.max.messages": 200_000,
		"go.delivery.report.fields":    "none",
		"log_level":                    0, // what goes wrong is in the delivery reports
	})
	if err != nil {
		return nil, err
	}
	p := &producer{client: client, topic: topic, joined: make(chan struct{})}
	go p.watch()
	return p, nil
}

// watch takes the delivery reports until the client is closed.
func (p *producer) watch() {
	defer close(p.joined)
	for e := range p.client.Events() {
		if m, ok := e.(*kafka.Message); ok && m.TopicPartition.Error != nil && p.failed == nil {
			p.failed = m.TopicPartition.Error
		}
	}
}

// write queues record n, and waits where the queue is full.
func (p *producer) write(ctx context.Context, n int, value []byte) error {
	m := &kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &p.topic, Partition: int32(n&0x7fffffff) % partitions},
		Value:          value,
	}
	for {
		err := p.client.Produce(m, nil)
		if e, ok := errors.AsType[kafka.Error](err); !ok || e.Code() != kafka.ErrQueueFull || ctx.Err() != nil {
			return err
		}
		p.client.Flush(int(look.Milliseconds()))
	}
}

// close waits until everything is delivered, and says if something was not.
func (p *producer) close() error {
	left := p.client.Flush(int(brokerCall.Milliseconds()))
	p.client.Close()
	<-p.joined
	if left > 0 {
		return fmt.Errorf("producing to %s: %d messages were not delivered", p.topic, left)
	}
	if p.failed != nil {
		return fmt.Errorf("producing to %s: %w", p.topic, p.failed)
	}
	return nil
}

// load writes the records 0 to count-1.
func (b *broker) load(ctx context.Context, topic string, count int) error {
	p, err := newProducer(b, topic, 20*time.Millisecond)
	if err != nil {
		return err
	}
	for n := range count {
		if err = p.write(ctx, n, appendRecord(make([]byte, 0, 320), n, loadTime)); err != nil {
			break
		}
	}
	if e := p.close(); err == nil {
		err = e
	}
	return err
}

// loadTime stands in the records of a load: the same bytes each time.
const loadTime = 1_700_000_000_000_000_000
