package rdkafka

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// mockKafka is librdkafka's own mock cluster with one topic.
func mockKafka(t *testing.T, topic string, partitions int) (brokers string) {
	t.Helper()
	cluster, err := kafka.NewMockCluster(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	if err := cluster.CreateTopic(topic, partitions, 1); err != nil {
		t.Fatal(err)
	}
	return cluster.BootstrapServers()
}

func produce(t *testing.T, brokers string, messages []kafka.Message) {
	t.Helper()
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": brokers})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	go func() {
		for range p.Events() {
			continue
		}
	}()
	for i := range messages {
		if err := p.Produce(&messages[i], nil); err != nil {
			t.Fatal(err)
		}
	}
	if left := p.Flush(10_000); left > 0 {
		t.Fatalf("%d messages were not produced", left)
	}
}

// TestReader reads through a rebalance, and holds that no message comes out of
// Poll: those would be passed by the offsets of later ones.
func TestReader(t *testing.T) {
	const topic, partitions, total = "numbers", 4, 20_000
	brokers := mockKafka(t, topic, partitions)
	var messages []kafka.Message
	for i := range total {
		messages = append(messages, kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: ptr(topic), Partition: int32(i % partitions)},
			Key:            fmt.Appendf(nil, "k%d", i),
			Value:          fmt.Appendf(nil, "%d", i),
		})
	}
	messages[0].Headers = []kafka.Header{{Key: "a", Value: []byte("1")}, {Key: "a", Value: nil}, {Key: "", Value: []byte{}}}
	messages[1].Value, messages[1].Key = nil, nil
	messages[2].Value, messages[2].Key = []byte{}, []byte{}
	produce(t, brokers, messages)

	c := newConsumer(t, brokers)
	r, err := NewReader(c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := NewBatch(500)
	defer b.Free()
	err = c.Subscribe(topic, func(_ *kafka.Consumer, ev kafka.Event) error {
		if ev, ok := ev.(kafka.AssignedPartitions); ok {
			for _, tp := range ev.Partitions {
				if err := r.Forward(*tp.Topic, tp.Partition); err != nil {
					t.Error(err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	next := make([]int64, partitions)
	got := 0
	deadline := time.Now().Add(30 * time.Second)
	for got < total && time.Now().Before(deadline) {
		if m, ok := c.Poll(0).(*kafka.Message); ok {
			t.Fatalf("%v came out of Poll", m)
		}
		r.Drain(20*time.Millisecond, b)
		var m Message
		for i := range b.Len() {
			b.Message(i, &m)
			if m.Err != kafka.ErrNoError {
				continue
			}
			if m.Topic != topic || m.Offset != next[m.Partition] || m.Timestamp <= 0 {
				t.Fatalf("%s [%d] at %d with time %d, want offset %d", m.Topic, m.Partition, m.Offset, m.Timestamp, next[m.Partition])
			}
			checkMessage(t, &m, &messages[int(m.Offset)*partitions+int(m.Partition)])
			next[m.Partition]++
			got++
		}
		b.Release()
	}
	if got != total {
		t.Fatalf("read %d of %d", got, total)
	}
	if id := r.ClusterID(time.Second); id == "" {
		t.Error("no cluster id")
	}
}

func checkMessage(t *testing.T, got *Message, want *kafka.Message) {
	t.Helper()
	same := func(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }
	if !same(got.Value, want.Value) || !same(got.Key, want.Key) {
		t.Fatalf("offset %d: got key %q value %q, want %q %q", got.Offset, got.Key, got.Value, want.Key, want.Value)
	}
	if n := got.Headers.Count(); n != len(want.Headers) {
		t.Fatalf("offset %d: %d headers, want %d", got.Offset, n, len(want.Headers))
	}
	i := 0
	for h := range got.Headers.All() {
		if string(h.Name) != want.Headers[i].Key || !same(h.Value, want.Headers[i].Value) {
			t.Fatalf("offset %d: header %d is %q=%q", got.Offset, i, h.Name, h.Value)
		}
		i++
	}
}

func newConsumer(t *testing.T, brokers string) *kafka.Consumer {
	t.Helper()
	c, err := kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers": brokers, "group.id": "g", "auto.offset.reset": "earliest", "enable.auto.commit": false,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func ptr[T any](v T) *T { return &v }

// TestClientLayout pins where confluent-kafka-go keeps its client.
func TestClientLayout(t *testing.T) {
	c, err := kafka.NewConsumer(&kafka.ConfigMap{"group.id": "g"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := client(c); err != nil {
		t.Fatal(err)
	}
}

func TestProperties(t *testing.T) {
	all := Properties()
	index := func(name string) int {
		return slices.IndexFunc(all, func(p Property) bool { return p.Name == name })
	}
	for name, want := range map[string]Property{
		"fetch.min.bytes": {Name: "fetch.min.bytes", Consumer: true, Default: "1"},
		"linger.ms":       {Name: "linger.ms", Producer: true},
		"client.id":       {Name: "client.id", Consumer: true, Producer: true, Default: "rdkafka"},
	} {
		i := index(name)
		if i < 0 {
			t.Fatalf("%s is not there", name)
		}
		got := all[i]
		got.Values = ""
		if want.Default == "" {
			got.Default = ""
		}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestCheckProperty(t *testing.T) {
	if err := CheckProperty("fetch.min.bytes", "100"); err != nil {
		t.Error(err)
	}
	for name, value := range map[string]string{"fetch.min.bytes": "-1", "isolation.level": "some", "no.such": "x"} {
		if err := CheckProperty(name, value); err == nil {
			t.Errorf("%s=%s was taken", name, value)
		} else {
			t.Log(err)
		}
	}
}

// BenchmarkDrain is what a message costs on the way from librdkafka's queue to
// Go, BenchmarkPoll what it costs through confluent-kafka-go's Poll.
func BenchmarkDrain(b *testing.B) { benchmarkRead(b, true) }
func BenchmarkPoll(b *testing.B)  { benchmarkRead(b, false) }

func benchmarkRead(b *testing.B, batched bool) {
	cluster, err := kafka.NewMockCluster(1)
	if err != nil {
		b.Fatal(err)
	}
	defer cluster.Close()
	const topic = "bench"
	if err := cluster.CreateTopic(topic, 1, 1); err != nil {
		b.Fatal(err)
	}
	// The mock cluster keeps 5 MiB a partition, so the messages are small and
	// the queue is filled before the clock runs.
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": cluster.BootstrapServers(), "go.delivery.reports": false})
	if err != nil {
		b.Fatal(err)
	}
	const total = 30_000
	for range total {
		for p.Produce(&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: ptr(topic)}, Value: make([]byte, 100)}, nil) != nil {
			p.Flush(100)
		}
	}
	p.Flush(10_000)
	p.Close()
	perOp := 0.0
	for b.Loop() {
		perOp += float64(readAll(b, cluster.BootstrapServers(), topic, total, batched).Nanoseconds()) / total
	}
	b.ReportMetric(perOp/float64(b.N), "ns/message")
	b.ReportMetric(0, "ns/op")
}

// readAll times the reading of total messages that the client already has.
func readAll(b *testing.B, brokers, topic string, total int, batched bool) time.Duration {
	c, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": brokers, "group.id": "g", "enable.auto.commit": false, "queued.min.messages": 1_000_000})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	r, err := NewReader(c)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	if batched {
		if err := r.Forward(topic, 0); err != nil {
			b.Fatal(err)
		}
	}
	if err := c.Assign([]kafka.TopicPartition{{Topic: ptr(topic), Offset: 0}}); err != nil {
		b.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		if n, _, err := c.QueryWatermarkOffsets(topic, 0, 1000); err == nil && n == 0 && time.Now().Before(deadline) {
			break
		}
	}
	batch := NewBatch(2000)
	defer batch.Free()
	var busy time.Duration
	for got := 0; got < total; {
		start := time.Now()
		if batched {
			r.Drain(0, batch)
			var m Message
			for i := range batch.Len() {
				batch.Message(i, &m)
			}
			got += batch.Len()
			if batch.Len() > 0 {
				busy += time.Since(start)
			}
			batch.Release()
		} else if _, ok := c.Poll(0).(*kafka.Message); ok {
			got++
			busy += time.Since(start)
		}
	}
	return busy
}
