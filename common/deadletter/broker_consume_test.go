package deadletter

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// realBroker returns the address of a broker of Apache Kafka to test on.
func realBroker(t *testing.T) string {
	t.Helper()
	brokers := os.Getenv("KAFKA")
	if brokers == "" {
		t.Skip("set KAFKA=host:port to run this on a real broker")
	}
	return brokers
}

func newAdmin(t *testing.T) *kafka.AdminClient {
	t.Helper()
	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": realBroker(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	return admin
}

// topicName is one that no test had before.
func topicName(t *testing.T) string {
	return t.Name() + time.Now().UTC().Format(".150405.000000000")
}

func makeTopic(t *testing.T, name string, config map[string]string) {
	t.Helper()
	results, err := newAdmin(t).CreateTopics(t.Context(), []kafka.TopicSpecification{{Topic: name, NumPartitions: 1, ReplicationFactor: 1, Config: config}})
	if err != nil || results[0].Error.Code() != kafka.ErrNoError {
		t.Fatal(err, results)
	}
}

// brokerTopic opens a Topic, with properties given as name=value, and closes it
// at the end.
func brokerTopic(t *testing.T, name, brokers string, properties ...string) (*Topic, *agent) {
	t.Helper()
	given := map[string]string{}
	for _, p := range properties {
		name, value, _ := strings.Cut(p, "=")
		given[name] = value
	}
	a := newAgent()
	topic, err := NewTopic(a.owner(t), name, Cluster{Brokers: []string{brokers}, ClientID: "test", Properties: maps.All(given)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		topic.Close(time.Now().Add(time.Second))
		a.running.Wait()
	})
	return topic, a
}

// consume reads the topic's n messages; there must be no more.
func consume(t *testing.T, name string, n int) (got []*kafka.Message) {
	t.Helper()
	c, err := kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers": realBroker(t), "group.id": "test", "enable.auto.commit": false, "enable.partition.eof": true,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.Assign([]kafka.TopicPartition{{Topic: &name, Offset: kafka.OffsetBeginning}}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		switch ev := c.Poll(100).(type) {
		case *kafka.Message:
			got = append(got, ev)
		case kafka.PartitionEOF:
			if len(got) != n {
				t.Fatalf("%s has %d messages, want %d", name, len(got), n)
			}
			return got
		}
	}
	t.Fatalf("%d messages in time, want %d", len(got), n)
	return nil
}

// headersOf prints a message's headers in their order.
func headersOf(m *kafka.Message) (list []string) {
	for _, h := range m.Headers {
		if h.Value == nil {
			list = append(list, h.Key)
		} else {
			list = append(list, fmt.Sprintf("%s=%s", h.Key, h.Value))
		}
	}
	return list
}

// send sends a letter as soon as there is room.
func send(t *testing.T, topic *Topic, safe *atomic.Int64, l *Letter) {
	t.Helper()
	for {
		err := topic.Send(l, func() { safe.Add(1) })
		if err == nil {
			return
		}
		if !errors.Is(err, ErrFull) {
			t.Fatal(err)
		}
		select {
		case <-topic.Room():
		case <-time.After(2 * time.Minute):
			t.Fatal("no room in all that time")
		}
	}
}

func headerValue(m *kafka.Message, name string) string {
	for _, h := range m.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}
