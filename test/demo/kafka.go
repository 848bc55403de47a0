package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const partitions = 4

// kafkaServer is the mock broker or a real cluster.
type kafkaServer struct {
	brokers, describe string
	group, suffix     string // of the topics, so that runs on a real cluster do not meet
	mock              *kafka.MockCluster
}

func openKafka(brokers string) (*kafkaServer, error) {
	if brokers != "" {
		run := fmt.Sprintf("-demo-%d", time.Now().Unix())
		k := &kafkaServer{brokers: brokers, describe: brokers, group: "tidegate" + run, suffix: run}
		return k, k.createTopics()
	}
	var mock *kafka.MockCluster
	var err error
	// The mock's own client warns that it has no brokers to connect to.
	quietly(func() { mock, err = kafka.NewMockCluster(1) })
	if err != nil {
		return nil, fmt.Errorf("starting the mock broker: %w", err)
	}
	k := &kafkaServer{brokers: mock.BootstrapServers(), group: "tidegate-demo", mock: mock}
	k.describe = "librdkafka's mock broker at " + k.brokers
	for _, topic := range k.topics() {
		if err := mock.CreateTopic(topic, partitions, 1); err != nil {
			return nil, fmt.Errorf("making topic %s: %w", topic, err)
		}
	}
	return k, nil
}

// quietly calls f with the process's standard error closed to C code.
func quietly(f func()) {
	stderr, err := syscall.Dup(2)
	null, nullErr := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil || nullErr != nil {
		f()
		return
	}
	_ = syscall.Dup3(int(null.Fd()), 2, 0)
	f()
	_ = syscall.Dup3(stderr, 2, 0)
	_ = syscall.Close(stderr)
	_ = null.Close()
}

func (k *kafkaServer) createTopics() error {
	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": k.brokers})
	if err != nil {
		return err
	}
	defer admin.Close()
	var specs []kafka.TopicSpecification
	for _, topic := range k.topics() {
		specs = append(specs, kafka.TopicSpecification{Topic: topic, NumPartitions: partitions, ReplicationFactor: -1})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	results, err := admin.CreateTopics(ctx, specs)
	if err != nil {
		return fmt.Errorf("making topics on %s: %w", k.brokers, err)
	}
	for _, r := range results {
		if r.Error.Code() != kafka.ErrNoError {
			return fmt.Errorf("making topic %s: %w", r.Topic, r.Error)
		}
	}
	return nil
}

func (k *kafkaServer) topics() []string {
	return []string{applicationTopic + k.suffix, iotTopic + k.suffix}
}

func (k *kafkaServer) topicList() string { return strings.Join(k.topics(), ",") }

func (k *kafkaServer) close() {
	if k.mock != nil {
		k.mock.Close()
	}
}

// produce sends the logs and waits until the broker has them.
func (k *kafkaServer) produce(logs []sampleLog) error {
	p, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": k.brokers, "acks": "all", "linger.ms": 20, "go.logs.channel.enable": true,
	})
	if err != nil {
		return err
	}
	defer p.Close()
	reports := make(chan kafka.Event, len(logs))
	for i, l := range logs {
		err := p.Produce(&kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &l.topic, Partition: int32(i % partitions)},
			Key:            []byte(l.key), Value: []byte(l.value),
			Headers: []kafka.Header{{Key: "content-type", Value: []byte("application/json")}},
		}, reports)
		if err != nil {
			return fmt.Errorf("producing: %w", err)
		}
	}
	for range logs {
		select {
		case ev := <-reports:
			if m, ok := ev.(*kafka.Message); ok && m.TopicPartition.Error != nil {
				return fmt.Errorf("producing: %w", m.TopicPartition.Error)
			}
		case <-time.After(20 * time.Second):
			return fmt.Errorf("%s does not answer", k.describe)
		}
	}
	return nil
}

// printCommitted prints the group's offsets. It is an error if they are not at
// the end of every partition.
func printCommitted(k *kafkaServer) error {
	c, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": k.brokers, "group.id": k.group, "go.logs.channel.enable": true})
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	var list []kafka.TopicPartition
	for _, topic := range k.topics() {
		for id := range int32(partitions) {
			list = append(list, kafka.TopicPartition{Topic: &topic, Partition: id})
		}
	}
	committed, err := c.Committed(list, 10_000)
	if err != nil {
		return fmt.Errorf("asking for committed offsets: %w", err)
	}
	fmt.Printf("\ncommitted offsets of group %s\n", k.group)
	behind := 0
	for _, tp := range committed {
		_, end, err := c.QueryWatermarkOffsets(*tp.Topic, tp.Partition, 10_000)
		if err != nil {
			return fmt.Errorf("asking for the end of %s: %w", tp, err)
		}
		at := max(int64(tp.Offset), 0) // negative: nothing was committed
		fmt.Printf("  %-24s %5d of %5d\n", fmt.Sprintf("%s[%d]", *tp.Topic, tp.Partition), at, end)
		if at != end {
			behind++
		}
	}
	if behind > 0 {
		return fmt.Errorf("%d partitions are not committed to their end", behind)
	}
	return nil
}
