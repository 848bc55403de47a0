package fault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const (
	// produceQueue bounds what is on its way: at 20,000 a second it is a few seconds' worth.
	produceQueue = 100_000
	// produceEnd is how long the brokers have to confirm the last messages.
	produceEnd = 60 * time.Second
)

// KafkaSource is an application that produces to a topic. A message is safe when all
// replicas in sync have it.
type KafkaSource struct {
	Ledger *Ledger
	// Place says where a record goes and when it was made; nil for any partition, and now. It
	// is set before the first Send.
	Place func(n int) (partition int32, at time.Time)
	// Padding is how many bytes a record is longer than it has to be.
	Padding int

	topic    string
	producer *kafka.Producer
	reports  sync.WaitGroup

	mu  sync.Mutex
	err error // the first failed delivery
}

// NewKafkaSource connects an idempotent producer.
func NewKafkaSource(brokers, topic string) (*KafkaSource, error) {
	p, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers":            brokers,
		"enable.idempotence":           true,
		"compression.type":             "lz4",
		"linger.ms":                    20,
		"queue.buffering.max.messages": produceQueue,
		"reconnect.backoff.max.ms":     500,
		"log_level":                    0, // brokers come and go here
	})
	if err != nil {
		return nil, err
	}
	s := &KafkaSource{Ledger: &Ledger{}, topic: topic, producer: p}
	s.reports.Go(s.readReports)
	return s, nil
}

// Send produces count records at so many a second, or at once, and returns when each has
// its report. A message that was not confirmed is an error: the faults of a test are not
// meant for its source.
func (s *KafkaSource) Send(ctx context.Context, count, perSecond int) error {
	if err := pace(ctx, count, perSecond, s.produce); err != nil {
		return err
	}
	if left := s.producer.Flush(int(produceEnd.Milliseconds())); left > 0 {
		return fmt.Errorf("producing to %s: %d messages have no report", s.topic, left)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close ends the client. Numbers that have no report stay without one.
func (s *KafkaSource) Close() {
	s.producer.Close()
	s.reports.Wait()
}

func (s *KafkaSource) produce(n int) error {
	for range n {
		number := s.Ledger.Next()
		m := &kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &s.topic, Partition: kafka.PartitionAny},
			Value:          AppendPadded(nil, number, s.Padding),
			Opaque:         number,
		}
		if s.Place != nil {
			m.TopicPartition.Partition, m.Timestamp = s.Place(number)
		}
		if err := s.enqueue(m); err != nil {
			return fmt.Errorf("producing to %s: %w", s.topic, err)
		}
	}
	return nil
}

// enqueue waits for room while the queue is full.
func (s *KafkaSource) enqueue(m *kafka.Message) error {
	for deadline := time.Now().Add(produceEnd); ; {
		err := s.producer.Produce(m, nil)
		full, is := errors.AsType[kafka.Error](err)
		if err == nil || !is || full.Code() != kafka.ErrQueueFull || time.Now().After(deadline) {
			return err
		}
		s.producer.Flush(10)
	}
}

func (s *KafkaSource) readReports() {
	for event := range s.producer.Events() {
		m, ok := event.(*kafka.Message)
		if !ok {
			continue // errors of connections: the messages wait
		}
		if m.TopicPartition.Error == nil {
			s.Ledger.Ack(m.Opaque.(int))
			continue
		}
		s.mu.Lock()
		if s.err == nil {
			s.err = fmt.Errorf("producing to %s: %w", s.topic, m.TopicPartition.Error)
		}
		s.mu.Unlock()
	}
}
