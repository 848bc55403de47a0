package harness

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const (
	// adminCall bounds what is asked of the cluster, adminTry one request for it: the
	// client leaves one with a broker that was just killed, and asks no other.
	adminCall = 30 * time.Second
	adminTry  = 5 * time.Second
)

// Offsets is an offset per partition. A partition without a committed offset is absent.
type Offsets map[int32]int64

// newAdmin connects with short waits: the harness asks while brokers come and go.
func newAdmin(brokers string) (*kafka.AdminClient, error) {
	return kafka.NewAdminClient(&kafka.ConfigMap{
		"bootstrap.servers":        brokers,
		"reconnect.backoff.ms":     50,
		"reconnect.backoff.max.ms": 250,
		"log_level":                0, // a broker that is not up yet is no news here
	})
}

// CreateTopic creates a topic, replicated to every broker, and waits until each of its
// partitions has a leader.
func (k *Kafka) CreateTopic(t testing.TB, name string, partitions int) {
	t.Helper()
	k.CreateTopicWith(t, name, partitions, nil)
}

// CreateTopicWith is CreateTopic with settings of the topic: max.message.bytes.
func (k *Kafka) CreateTopicWith(t testing.TB, name string, partitions int, settings map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), adminCall)
	defer cancel()
	results, err := k.admin.CreateTopics(ctx, []kafka.TopicSpecification{{
		Topic: name, NumPartitions: partitions, ReplicationFactor: len(k.brokers), Config: settings,
	}})
	if err != nil {
		t.Fatalf("creating topic %s: %v", name, err)
	}
	if e := results[0].Error; e.Code() != kafka.ErrNoError {
		t.Fatalf("creating topic %s: %v", name, e)
	}
	Eventually(t, adminCall, "leaders of topic "+name, func() error {
		md, err := k.admin.GetMetadata(&name, false, 2000)
		if err != nil {
			return err
		}
		led := 0
		for _, p := range md.Topics[name].Partitions {
			if p.Leader > 0 && p.Error.Code() == kafka.ErrNoError {
				led++
			}
		}
		if led != partitions {
			return fmt.Errorf("%d of %d partitions have one", led, partitions)
		}
		return nil
	})
}

// Leader is the broker (from 0) that leads a partition.
func (k *Kafka) Leader(t testing.TB, topic string, partition int) int {
	t.Helper()
	md, err := k.admin.GetMetadata(&topic, false, int(adminCall.Milliseconds()))
	if err != nil {
		t.Fatalf("asking for the leader of %s[%d]: %v", topic, partition, err)
	}
	for _, p := range md.Topics[topic].Partitions {
		if int(p.ID) == partition {
			return int(p.Leader) - 1
		}
	}
	t.Fatalf("%s has no partition %d", topic, partition)
	return 0
}

// EndOffsets gives, for each partition of a topic, the offset that its next message gets.
func (k *Kafka) EndOffsets(t testing.TB, topic string) Offsets {
	t.Helper()
	return k.read(t, "end offsets of topic "+topic, func(ctx context.Context) (Offsets, error) {
		return k.endOffsets(ctx, topic)
	})
}

// Ends is EndOffsets for a goroutine that is not the test's.
func (k *Kafka) Ends(topic string) (ends Offsets, err error) {
	err = poll(adminCall, func() (err error) {
		ctx, cancel := context.WithTimeout(context.Background(), adminTry)
		defer cancel()
		ends, err = k.endOffsets(ctx, topic)
		return err
	})
	return ends, err
}

// CommittedOffsets gives what a group has committed for a topic.
func (k *Kafka) CommittedOffsets(t testing.TB, group, topic string) Offsets {
	t.Helper()
	return k.read(t, "committed offsets of group "+group, func(ctx context.Context) (Offsets, error) {
		return k.committedOffsets(ctx, group, topic)
	})
}

// Committed is CommittedOffsets for a goroutine that is not the test's.
func (k *Kafka) Committed(group, topic string) (committed Offsets, err error) {
	err = poll(adminCall, func() (err error) {
		ctx, cancel := context.WithTimeout(context.Background(), adminTry)
		defer cancel()
		committed, err = k.committedOffsets(ctx, group, topic)
		return err
	})
	return committed, err
}

// read asks again after an error: the first question after a start finds coordinators
// that are still loading and partitions that have no leader yet.
func (k *Kafka) read(t testing.TB, what string, ask func(context.Context) (Offsets, error)) (got Offsets) {
	t.Helper()
	Eventually(t, adminCall, what, func() (err error) {
		ctx, cancel := context.WithTimeout(t.Context(), adminTry)
		defer cancel()
		got, err = ask(ctx)
		return err
	})
	return got
}

func (k *Kafka) endOffsets(ctx context.Context, topic string) (Offsets, error) {
	md, err := k.admin.GetMetadata(&topic, false, int(adminCall.Milliseconds()))
	if err != nil {
		return nil, err
	}
	ask := map[kafka.TopicPartition]kafka.OffsetSpec{}
	for _, p := range md.Topics[topic].Partitions {
		ask[kafka.TopicPartition{Topic: &topic, Partition: p.ID}] = kafka.LatestOffsetSpec
	}
	answer, err := k.admin.ListOffsets(ctx, ask)
	if err != nil {
		return nil, err
	}
	ends := Offsets{}
	for tp, info := range answer.ResultInfos {
		if info.Error.Code() != kafka.ErrNoError {
			return nil, fmt.Errorf("partition %d: %w", tp.Partition, info.Error)
		}
		ends[tp.Partition] = int64(info.Offset)
	}
	return ends, nil
}

// committedOffsets asks as a consumer of the group that never joins it. The admin
// client's ListConsumerGroupOffsets crashes while the group has no coordinator
// (librdkafka 2.15: its answer's handler takes a consumer for granted).
func (k *Kafka) committedOffsets(ctx context.Context, group, topic string) (Offsets, error) {
	deadline, _ := ctx.Deadline()
	timeout := int(time.Until(deadline).Milliseconds())
	md, err := k.admin.GetMetadata(&topic, false, timeout)
	if err != nil {
		return nil, err
	}
	var ask []kafka.TopicPartition
	for _, p := range md.Topics[topic].Partitions {
		ask = append(ask, kafka.TopicPartition{Topic: &topic, Partition: p.ID})
	}
	c, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "group.id": group, "enable.auto.commit": false})
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }() // it has joined nothing
	answer, err := c.Committed(ask, timeout)
	if err != nil {
		return nil, err
	}
	committed := Offsets{}
	for _, p := range answer {
		if p.Error != nil {
			return nil, fmt.Errorf("partition %d: %w", p.Partition, p.Error)
		}
		if p.Offset >= 0 {
			committed[p.Partition] = int64(p.Offset)
		}
	}
	return committed, nil
}
