package golden_test

import (
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// kafkaInput is messages with all that a message can have: key, headers, bytes that are no text, a value that is no JSON.
func kafkaInput() scenario {
	return scenario{name: "in_kafka", ours: true, events: 3, prepare: func(t *testing.T, _ string) (string, feed) {
		brokers := produce(t, "logs",
			kafka.Message{
				Key: []byte("order-7"), Value: []byte(`{"level":"warn","n":18446744073709551615,"nested":{"a":[1,-2,3.5,true,null]}}`),
				Headers: []kafka.Header{{Key: "traceparent", Value: []byte("00-01")}, {Key: "traceparent", Value: nil}, {Key: "raw", Value: []byte{0xff, 0}}},
			},
			kafka.Message{Key: []byte{0xfe}, Value: []byte(`[1]`)},
			kafka.Message{Value: []byte(`not JSON`)},
		)
		return kafkaSection(brokers, "json"), nil
	}}
}

// multiline is two messages that the multiline filter made one record of: its metadata has the key kafka twice. A third
// message is a record of its own.
func multiline() scenario {
	return scenario{name: "multiline", ours: true, events: 2, prepare: func(t *testing.T, _ string) (string, feed) {
		brokers := produce(t, "logs",
			kafka.Message{Key: []byte("first"), Value: []byte("Exception in thread \"main\" java.lang.Error: no")},
			kafka.Message{Value: []byte("\tat com.example.Main.main(Main.java:1)")},
			kafka.Message{Value: []byte("single line")},
		)
		return kafkaSection(brokers, "raw") + `
[FILTER]
    Name                  multiline
    Match                 *
    Multiline.Key_Content message
    Multiline.Parser      java
    Buffer                off
`, nil
	}}
}

func kafkaSection(brokers, format string) string {
	return `
[INPUT]
    Name     tidegate_kafka
    Tag      kafka
    Brokers  ` + brokers + `
    Topics   logs
    Group_Id golden
    Commit   appended
    Format   ` + format + `
`
}

// produce starts a broker for the test and fills a topic of one partition. Each message has a timestamp of its own.
func produce(t *testing.T, topic string, messages ...kafka.Message) (brokers string) {
	t.Helper()
	cluster, err := kafka.NewMockCluster(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	if err := cluster.CreateTopic(topic, 1, 1); err != nil {
		t.Fatal(err)
	}
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": cluster.BootstrapServers()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	delivered := make(chan kafka.Event, len(messages))
	for i := range messages {
		m := &messages[i]
		m.TopicPartition = kafka.TopicPartition{Topic: &topic, Partition: 0}
		m.Timestamp = time.UnixMilli(1767323045006 + int64(i))
		if err := p.Produce(m, delivered); err != nil {
			t.Fatal(err)
		}
	}
	for range messages {
		if m := (<-delivered).(*kafka.Message); m.TopicPartition.Error != nil {
			t.Fatal(m.TopicPartition.Error)
		}
	}
	return cluster.BootstrapServers()
}
