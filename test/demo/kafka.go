package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const partitions = 4

// answerWithin bounds a question to a broker, in milliseconds.
const answerWithin = 10_000

// kafkaServer is the mock broker or a real cluster.
type kafkaServer struct {
	brokers, describe string
	group             string // its prefix: each reader has its own
	suffix            string // of the topics, so that runs on a real cluster do not meet
	standIn           bool   // the host has no tail: there is a topic for lines
	mock              *kafka.MockCluster
}

func openKafka(brokers string, standIn bool) (*kafkaServer, error) {
	if brokers != "" {
		run := fmt.Sprintf("-demo-%d", time.Now().Unix())
		k := &kafkaServer{brokers: brokers, describe: brokers, group: "tidegate" + run, suffix: run, standIn: standIn}
		return k, k.createTopics()
	}
	var mock *kafka.MockCluster
	var err error
	// The mock's own client warns that it has no brokers to connect to.
	quietly(func() { mock, err = kafka.NewMockCluster(1) })
	if err != nil {
		return nil, fmt.Errorf("starting the mock broker: %w", err)
	}
	k := &kafkaServer{brokers: mock.BootstrapServers(), group: "tidegate-demo", standIn: standIn, mock: mock}
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

// topic is where the agent writes, and reads for Loki and LogTide.
func (k *kafkaServer) topic() string { return "logs" + k.suffix }

// lines is the topic that stands for files, where the host has no tail.
func (k *kafkaServer) lines() string { return "lines" + k.suffix }

func (k *kafkaServer) topics() []string {
	if k.standIn {
		return []string{k.topic(), k.lines()}
	}
	return []string{k.topic()}
}

func (k *kafkaServer) close() {
	if k.mock != nil {
		k.mock.Close()
	}
}

// produce sends the logs as tail would make records of them, and waits until
// the broker has them.
func (k *kafkaServer) produce(logs []sampleLog) error {
	p, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": k.brokers, "acks": "all", "linger.ms": 20, "go.logs.channel.enable": true,
	})
	if err != nil {
		return err
	}
	defer p.Close()
	reports := make(chan kafka.Event, len(logs))
	topic := k.lines()
	for i, l := range logs {
		value, err := json.Marshal(map[string]string{"log": l.line})
		if err != nil {
			return err
		}
		err = p.Produce(&kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: int32(i % partitions)}, Value: value,
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

// all are the partitions of the topic, from their start.
func (k *kafkaServer) all() (list []kafka.TopicPartition) {
	topic := k.topic()
	for id := range int32(partitions) {
		list = append(list, kafka.TopicPartition{Topic: &topic, Partition: id})
	}
	return list
}

// ends gives the number of messages in each partition of the topic.
func (k *kafkaServer) ends() (ends [partitions]int64, err error) {
	c, err := k.newConsumer(k.group + "-look")
	if err != nil {
		return ends, err
	}
	defer func() { _ = c.Close() }()
	for id := range ends {
		if _, ends[id], err = c.QueryWatermarkOffsets(k.topic(), int32(id), answerWithin); err != nil {
			return ends, fmt.Errorf("asking for the end of %s[%d]: %w", k.topic(), id, err)
		}
	}
	return ends, nil
}

// messages reads all of the topic, in no group.
func (k *kafkaServer) messages() (values []string, err error) {
	ends, err := k.ends()
	if err != nil {
		return nil, err
	}
	c, err := k.newConsumer(k.group + "-look")
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	if err := c.Assign(k.all()); err != nil {
		return nil, err
	}
	count := int64(0)
	for _, end := range ends {
		count += end
	}
	for int64(len(values)) < count {
		m, err := c.ReadMessage(answerWithin * time.Millisecond)
		if err != nil {
			return nil, fmt.Errorf("reading %s after %d of %d messages: %w", k.topic(), len(values), count, err)
		}
		values = append(values, string(m.Value))
	}
	return values, nil
}

// check holds that each line is in the topic once, and prints how many there are.
func (k *kafkaServer) check(logs []sampleLog) error {
	values, err := k.messages()
	if err != nil {
		return err
	}
	if err := once("Kafka", pick(logs, func(s sampleLog) string { return s.line }), values); err != nil {
		return err
	}
	fmt.Printf("\nKafka: %d messages in topic %s, each line of the sample once, byte for byte\n", len(values), k.topic())
	return nil
}
