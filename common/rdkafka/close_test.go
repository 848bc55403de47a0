package rdkafka

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// TestCloseGivesMessagesBack closes readers whose queue is full, as a stopping
// agent does. Each would else leave some 8 MB behind.
func TestCloseGivesMessagesBack(t *testing.T) {
	const topic, rounds = "left", 12
	brokers := mockKafka(t, topic, 1)
	value := bytes.Repeat([]byte("x"), 10_000)
	messages := make([]kafka.Message, 1200)
	for i := range messages {
		messages[i] = kafka.Message{TopicPartition: kafka.TopicPartition{Topic: ptr(topic)}, Value: value}
	}
	produce(t, brokers, messages)

	b := NewBatch(10)
	defer b.Free()
	fill := func() {
		c := newConsumer(t, brokers)
		r, err := NewReader(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Forward(topic, 0); err != nil {
			t.Fatal(err)
		}
		if err := c.Assign([]kafka.TopicPartition{{Topic: ptr(topic), Offset: 0}}); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(10 * time.Second); r.waiting() < 500; {
			if c.Poll(10); time.Now().After(deadline) {
				t.Fatalf("%d messages wait", r.waiting())
			}
		}
		r.Close(b)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	fill()
	before := resident(t)
	for range rounds {
		fill()
	}
	if grown := resident(t) - before; grown > rounds*5_000/2 {
		t.Errorf("%d KiB more after %d readers", grown, rounds)
	}
}

// resident is the memory of this process, in KiB.
func resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kib
}
