package outkafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
)

// logBuffer keeps what is logged.
type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// parse reads options, written name=value, as the core does.
func parse(c *Config, settings ...string) error {
	table := c.Options()
	err := table.Parse(func(name string) (string, bool) {
		for _, s := range settings {
			if n, v, _ := strings.Cut(s, "="); n == name {
				return v, true
			}
		}
		return "", false
	})
	if problems := options.Problems(errors.Join(err, c.Validate())); problems != "" {
		return errors.New(problems)
	}
	return nil
}

// newTestOutput makes an output by its options and closes it at the end. No
// goroutine of it may be left then.
func newTestOutput(t testing.TB, settings ...string) (*Output, *logBuffer) {
	t.Helper()
	c := NewConfig()
	if err := parse(c, settings...); err != nil {
		t.Fatal(err)
	}
	log := &logBuffer{}
	var running sync.WaitGroup
	o, err := c.newOutput(plugin.Host{
		Name: "test",
		Log:  slog.New(slog.NewTextHandler(log, nil)),
		Go: func(_ string, f func()) <-chan struct{} {
			ended := make(chan struct{})
			running.Go(func() {
				defer close(ended)
				f()
			})
			return ended
		},
		Fail: func(err error) { t.Errorf("instance failed: %v", err) },
		Acks: delivery.NewRegistry(time.Now()).Join("tidegate_kafka", "test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.Close()
		left := make(chan struct{})
		go func() { running.Wait(); close(left) }()
		select {
		case <-left:
		case <-time.After(10 * time.Second):
			t.Error("Close left a goroutine")
		}
	})
	return o, log
}

func startKafka(t testing.TB, topics ...string) *kafka.MockCluster {
	t.Helper()
	cluster, err := kafka.NewMockCluster(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	for _, topic := range topics {
		if err := cluster.CreateTopic(topic, 2, 1); err != nil {
			t.Fatal(err)
		}
	}
	return cluster
}

// consume reads topics from the start until it has n messages, and then for
// a moment longer: there must be no more.
func consume(t testing.TB, brokers string, n int, topics ...string) []*kafka.Message {
	t.Helper()
	c, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": brokers, "group.id": "test", "enable.auto.commit": false})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var parts []kafka.TopicPartition
	for i := range topics {
		for p := range int32(2) {
			parts = append(parts, kafka.TopicPartition{Topic: &topics[i], Partition: p, Offset: kafka.OffsetBeginning})
		}
	}
	if err := c.Assign(parts); err != nil {
		t.Fatal(err)
	}
	var got []*kafka.Message
	var troubles []error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		m, err := c.ReadMessage(500 * time.Millisecond)
		var kafkaErr kafka.Error
		isTimeout := errors.As(err, &kafkaErr) && kafkaErr.IsTimeout()
		switch {
		case err == nil:
			got = append(got, m)
		case !isTimeout:
			troubles = append(troubles, err)
		case len(got) >= n:
			if len(got) != n {
				t.Fatalf("%d messages, want %d", len(got), n)
			}
			return got
		}
	}
	for i := range parts {
		low, high, err := c.QueryWatermarkOffsets(*parts[i].Topic, parts[i].Partition, 5000)
		t.Logf("%v holds %d to %d, %v", parts[i], low, high, err)
	}
	t.Fatalf("%d messages in time, want %d: %v", len(got), n, errors.Join(troubles...))
	return nil
}

// checkNumbers holds that there is each record of numbered(0, n) once.
func checkNumbers(t *testing.T, messages []*kafka.Message, n int) {
	t.Helper()
	seen := map[string]int{}
	for _, m := range messages {
		seen[string(m.Value)]++
	}
	for i := range n {
		if c := seen[fmt.Sprintf(`{"n":"%d"}`, i)]; c != 1 {
			t.Fatalf("record %d is there %d times", i, c)
		}
	}
	if len(messages) != n {
		t.Fatalf("%d messages, want %d", len(messages), n)
	}
}

// appendRecord appends an event whose body has the given string pairs.
func appendRecord(b []byte, unixNano int64, pairs ...string) []byte {
	b = chunk.AppendEventHeader(b, uint32(unixNano/1e9), uint32(unixNano%1e9))
	b = chunk.AppendMapHeader(b, 0)
	b = chunk.AppendMapHeader(b, len(pairs)/2)
	for _, p := range pairs {
		b = chunk.AppendString(b, p)
	}
	return b
}

// someTime is a time with all digits.
const someTime = 1_700_000_000_123_456_789

// numbered returns the records from a number to below another.
func numbered(from, to int) (data []byte) {
	for i := from; i < to; i++ {
		data = appendRecord(data, someTime, "n", fmt.Sprint(i))
	}
	return data
}

func flush(t testing.TB, o *Output, data []byte, want plugin.Result) {
	t.Helper()
	if got := o.Flush(context.Background(), "kube.app", data); got != want {
		t.Fatalf("answered %v, want %v", got, want)
	}
}
