package inkafka

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// TestInputStopsBeforeAMessage holds that a message which has no place when the
// input stops is not passed by the one behind it: here its schema's registry is
// away, and the next one is a tombstone, which needs none.
func TestInputStopsBeforeAMessage(t *testing.T) {
	t.Parallel()
	brokers := mockKafka(t, "t")
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": brokers, "go.delivery.reports": false})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	topic := "t"
	for _, value := range [][]byte{{0, 0, 0, 0, 1, 4, 'h', 'i'}, nil} {
		m := kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: 1}, Key: []byte("k"), Value: value}
		if err := p.Produce(&m, nil); err != nil {
			t.Fatal(err)
		}
	}
	if left := p.Flush(10_000); left > 0 {
		t.Fatalf("%d messages were not produced", left)
	}
	given := with(map[string]string{"brokers": brokers, "format": formatAvro, "schema_registry_url": "http://127.0.0.1:1"})
	h, _ := testHost(t)
	var mu sync.Mutex
	var log bytes.Buffer
	h.Log = slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, nil))
	runInputOn(t, h, &log, given, &taker{}, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Contains(log.String(), "wait for their schema")
	})

	c, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": brokers, "group.id": given["group_id"]})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for deadline := time.Now().Add(20 * time.Second); ; {
		got, err := c.Committed([]kafka.TopicPartition{{Topic: &topic, Partition: 1}}, 2000)
		if err == nil {
			if got[0].Offset > 0 {
				t.Errorf("offset %d is committed, and the first message was delivered nowhere", got[0].Offset)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
