package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

const (
	partitions = 4
	// brokerCall bounds a request to the broker with its repetitions.
	brokerCall = 30 * time.Second
	// brokerTry bounds one attempt at it.
	brokerTry = 5 * time.Second
)

// broker is a real Kafka whose clients all come through a relay: the broker advertises
// the relay's address in place of its own.
type broker struct {
	server *harness.Kafka
	relay  *relay
	admin  *kafka.AdminClient
}

func openBroker() (b *broker, err error) {
	b = &broker{}
	if b.relay, err = newRelay(); err != nil {
		return nil, err
	}
	b.server, err = harness.NewKafka(harness.KafkaOptions{Properties: map[string]string{
		"advertised.listeners": "PLAINTEXT://" + b.relay.address(),
		// A run may leave a gigabyte; nothing is to be moved or deleted meanwhile.
		"log.segment.bytes": strconv.Itoa(1 << 30),
	}})
	if err != nil {
		b.relay.close()
		return nil, fmt.Errorf("starting kafka: %w", err)
	}
	b.relay.to(b.server.Brokers())
	b.admin, err = kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": b.address(), "log_level": 0})
	if err == nil {
		err = b.warm(context.Background())
	}
	if err != nil {
		b.close()
		return nil, fmt.Errorf("preparing kafka: %w", err)
	}
	return b, nil
}

// warm makes the broker do what it does once: make the topics for its groups and for
// the numbers of idempotent producers. The first run would wait for that, seconds long.
func (b *broker) warm(ctx context.Context) error {
	const topic = "bench-warm"
	if err := b.create(ctx, topic); err != nil {
		return err
	}
	if err := b.load(ctx, topic, 1); err != nil {
		return err
	}
	c, err := kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers": b.address(), "group.id": topic, "auto.offset.reset": "earliest",
	})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Subscribe(topic, nil); err != nil {
		return err
	}
	if _, err := c.ReadMessage(brokerCall); err != nil {
		return fmt.Errorf("reading from a group: %w", err)
	}
	_, err = c.Commit()
	return err
}

// address is where clients are to come in.
func (b *broker) address() string { return b.relay.address() }

func (b *broker) close() {
	if b.admin != nil {
		b.admin.Close()
	}
	b.server.Close()
	b.relay.close()
}

// create makes a topic and returns when its partitions have leaders. No topic is deleted
// before the end, when all go with the broker: a run leaves some tens of megabytes, and
// after a deletion the client's next request was seen to get no answer for half a minute.
func (b *broker) create(ctx context.Context, topic string) error {
	ctx, cancel := context.WithTimeout(ctx, brokerCall)
	defer cancel()
	for {
		err := b.tryCreate(ctx, topic)
		if err == nil {
			_, err = b.ends(ctx, topic)
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("creating topic %s: %w (%w)", topic, err, ctx.Err())
		case <-time.After(look):
		}
	}
}

// tryCreate asks once. A topic that is there already is good: names are never used
// again, so an earlier try made it.
func (b *broker) tryCreate(ctx context.Context, topic string) error {
	spec := kafka.TopicSpecification{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}
	results, err := b.admin.CreateTopics(ctx, []kafka.TopicSpecification{spec}, kafka.SetAdminRequestTimeout(brokerTry))
	if err != nil {
		return err
	}
	if code := results[0].Error.Code(); code != kafka.ErrNoError && code != kafka.ErrTopicAlreadyExists {
		return results[0].Error
	}
	return nil
}

// ends are the offsets that the next messages get.
func (b *broker) ends(ctx context.Context, topic string) (map[int32]int64, error) {
	ask := map[kafka.TopicPartition]kafka.OffsetSpec{}
	for p := range int32(partitions) {
		ask[kafka.TopicPartition{Topic: &topic, Partition: p}] = kafka.LatestOffsetSpec
	}
	answer, err := b.admin.ListOffsets(ctx, ask, kafka.SetAdminRequestTimeout(brokerTry))
	if err != nil {
		return nil, fmt.Errorf("reading the ends of %s: %w", topic, err)
	}
	ends := map[int32]int64{}
	for tp, info := range answer.ResultInfos {
		if info.Error.Code() != kafka.ErrNoError {
			return nil, fmt.Errorf("reading the end of %s/%d: %w", topic, tp.Partition, info.Error)
		}
		ends[tp.Partition] = int64(info.Offset)
	}
	return ends, nil
}

// count is how many messages a topic holds, without transactions and deletions.
func (b *broker) count(ctx context.Context, topic string) (total int, err error) {
	ends, err := b.ends(ctx, topic)
	for _, end := range ends {
		total += int(end)
	}
	return total, err
}

// committed is how many messages a group has read, by what it told the broker.
func (b *broker) committed(ctx context.Context, group, topic string) (total int, err error) {
	answer, err := b.admin.ListConsumerGroupOffsets(ctx, []kafka.ConsumerGroupTopicPartitions{{Group: group}})
	if err != nil {
		return 0, fmt.Errorf("reading the offsets of %s: %w", group, err)
	}
	for _, g := range answer.ConsumerGroupsTopicPartitions {
		for _, p := range g.Partitions {
			if p.Error == nil && *p.Topic == topic && p.Offset > 0 {
				total += int(p.Offset)
			}
		}
	}
	return total, nil
}
