package fault

import (
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

// kafkaWait bounds the silence of a cluster that is being read.
const kafkaWait = 30 * time.Second

// KafkaStore is one topic, which nothing else writes to.
type KafkaStore struct {
	kafka *harness.Kafka
	topic string
}

// InKafka expects records in a topic.
func InKafka(k *harness.Kafka, topic string) *KafkaStore { return &KafkaStore{k, topic} }

// Len is what the offsets of all partitions add up to.
func (s *KafkaStore) Len() (total int, err error) {
	ends, err := s.kafka.Ends(s.topic)
	for _, end := range ends {
		total += int(end)
	}
	return total, err
}

// Read reads the topic from its beginning up to where it ends now.
func (s *KafkaStore) Read() (*Copies, error) {
	ends, err := s.kafka.Ends(s.topic)
	if err != nil {
		return nil, err
	}
	c, err := kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers":        s.kafka.Brokers(),
		"group.id":                 "tidegate-checker", // asked for, and without use: nothing is subscribed or committed
		"enable.auto.commit":       false,
		"reconnect.backoff.max.ms": 500,
		"log_level":                0, // brokers come and go here
	})
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }() // there is no group to leave
	return s.readTo(ends, c)
}

func (s *KafkaStore) readTo(ends harness.Offsets, c *kafka.Consumer) (*Copies, error) {
	left, begin := 0, []kafka.TopicPartition{}
	for partition, end := range ends {
		left += int(end)
		begin = append(begin, kafka.TopicPartition{Topic: &s.topic, Partition: partition})
	}
	if err := c.Assign(begin); err != nil {
		return nil, err
	}
	copies := &Copies{}
	for left > 0 {
		m, err := c.ReadMessage(kafkaWait)
		if err != nil {
			return nil, fmt.Errorf("reading %s with %d messages left: %w", s.topic, left, err)
		}
		if int64(m.TopicPartition.Offset) < ends[m.TopicPartition.Partition] {
			copies.Add(m.Value)
			left--
		}
	}
	return copies, nil
}
