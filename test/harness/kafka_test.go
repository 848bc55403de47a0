package harness

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

func TestKafkaOffsets(t *testing.T) {
	k := StartKafka(t, KafkaOptions{})
	client := NeedKcat(t, k)
	k.CreateTopic(t, "logs", 2)
	client.Produce(t, "logs", "one\ntwo\nthree\n", "-p", "1")

	if got, want := k.EndOffsets(t, "logs"), (Offsets{0: 0, 1: 3}); !maps.Equal(got, want) {
		t.Errorf("end offsets %v, want %v", got, want)
	}
	if got := k.CommittedOffsets(t, "readers", "logs"); len(got) != 0 {
		t.Errorf("a group that never was has committed %v", got)
	}
	commit(t, k, "readers", "logs", 1, 2)
	if got, want := k.CommittedOffsets(t, "readers", "logs"), (Offsets{1: 2}); !maps.Equal(got, want) {
		t.Errorf("committed offsets %v, want %v", got, want)
	}

	// Everything outlives a restart, at the same address.
	before := k.Brokers()
	k.StopBroker(t, 0)
	k.StartBroker(t, 0)
	if k.Brokers() != before {
		t.Errorf("brokers were %s, are %s", before, k.Brokers())
	}
	Eventually(t, time.Minute, "end offsets after a restart", func() error {
		if got := k.EndOffsets(t, "logs"); got[1] != 3 {
			return fmt.Errorf("got %v", got)
		}
		return nil
	})
}

func TestKafkaRefusesUnknownTopic(t *testing.T) {
	k := StartKafka(t, KafkaOptions{})
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "message.timeout.ms": 3000})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	topic := "misspelt"
	reports := make(chan kafka.Event, 1)
	err = p.Produce(&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic}, Value: []byte("x")}, reports)
	if err == nil {
		err = (<-reports).(*kafka.Message).TopicPartition.Error
	}
	if err == nil {
		t.Error("the topic was created")
	}
}

func TestKafkaThreeBrokersSurviveOne(t *testing.T) {
	k := StartKafka(t, KafkaOptions{Brokers: 3})
	client := NeedKcat(t, k)
	k.CreateTopic(t, "logs", 3)
	k.KillBroker(0)
	client.Produce(t, "logs", "one\ntwo\n", "-p", "0")
	Eventually(t, time.Minute, "messages without the killed broker", func() error {
		if got := k.EndOffsets(t, "logs"); got[0] != 2 {
			return fmt.Errorf("end offsets %v", got)
		}
		return nil
	})
	k.StartBroker(t, 0)
}

func commit(t *testing.T, k *Kafka, group, topic string, partition int32, offset kafka.Offset) {
	t.Helper()
	c, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "group.id": group})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	at := []kafka.TopicPartition{{Topic: &topic, Partition: partition, Offset: offset}}
	Eventually(t, 30*time.Second, "committing an offset", func() error {
		_, err := c.CommitOffsets(at)
		return err
	})
}
