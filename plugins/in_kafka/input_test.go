package inkafka

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/plugin"
)

// taker is a host that takes events, and now and then has no room.
type taker struct {
	mu     sync.Mutex
	calls  int
	refuse int // every n-th append, 0 for none
	taken  map[string][][]byte
}

func (h *taker) Append(tag string, events []byte, records int) error {
	if n := chunk.Count(events); n != records {
		return fmt.Errorf("%d records, said to be %d", n, records)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls++
	if h.refuse > 0 && h.calls%h.refuse == 0 {
		return plugin.ErrFull
	}
	if h.taken == nil {
		h.taken = map[string][][]byte{}
	}
	h.taken[tag] = append(h.taken[tag], bytes.Clone(events))
	return nil
}

// lines decodes everything that was taken under a tag.
func (h *taker) lines(t *testing.T, tag string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var lines []string
	for _, events := range h.taken[tag] {
		lines = append(lines, decode(t, events)...)
	}
	return lines
}

// testHost is what the core would give; its log is the test's.
func testHost(t *testing.T) (plugin.Host, *bytes.Buffer) {
	var mu sync.Mutex
	var log bytes.Buffer
	return plugin.Host{
		Name: "test",
		Log:  slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, nil)),
		Go: func(_ string, f func()) <-chan struct{} {
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				f()
			}()
			return ended
		},
		Fail:       func(err error) { t.Errorf("instance failed: %v", err) },
		Deliveries: delivery.NewRegistry(time.Now()),
	}, &log
}

type lockedWriter struct {
	mu *sync.Mutex
	w  *bytes.Buffer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func mockKafka(t *testing.T, topics ...string) string {
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
	return cluster.BootstrapServers()
}

func produce(t *testing.T, brokers, topic string, from, to int) {
	t.Helper()
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": brokers, "go.delivery.reports": false})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for i := from; i < to; i++ {
		m := kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: int32(i % 2)},
			Value:          fmt.Appendf(nil, `{"n":%d}`, i),
		}
		if err := p.Produce(&m, nil); err != nil {
			t.Fatal(err)
		}
	}
	if left := p.Flush(10_000); left > 0 {
		t.Fatalf("%d messages were not produced", left)
	}
}

// runInput collects until done says so.
func runInput(t *testing.T, given map[string]string, to *taker, done func() bool) *bytes.Buffer {
	t.Helper()
	h, log := testHost(t)
	runInputOn(t, h, log, given, to, done)
	return log
}

func runInputOn(t *testing.T, h plugin.Host, log *bytes.Buffer, given map[string]string, to *taker, done func() bool) {
	t.Helper()
	c, err := parse(given)
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.NewInput(h)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for deadline := time.Now().Add(30 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("not done in time; log:\n%s", log)
		}
		in.Collect(time.Now().Add(100*time.Millisecond), to)
	}
}

// checkNumbers holds that lines have every number from 0 to n once.
func checkNumbers(t *testing.T, lines []string, n int) {
	t.Helper()
	seen := map[string]int{}
	for _, line := range lines {
		_, record, _ := strings.Cut(line, "} {")
		seen[record]++
	}
	for i := range n {
		if c := seen[fmt.Sprintf(`"n":%d}`, i)]; c != 1 {
			t.Fatalf("record %d is there %d times", i, c)
		}
	}
	if len(lines) != n {
		t.Fatalf("%d records, want %d", len(lines), n)
	}
}

func TestInput(t *testing.T) {
	brokers := mockKafka(t, "one", "two", "other")
	produce(t, brokers, "one", 0, 5000)
	produce(t, brokers, "two", 0, 3000)
	produce(t, brokers, "other", 0, 10)
	to := &taker{refuse: 3}
	runInput(t, with(map[string]string{"brokers": brokers, "topics": "^one$,two", "topic_tag": "kafka.$topic"}), to, func() bool {
		return len(to.lines(t, "kafka.one")) >= 5000 && len(to.lines(t, "kafka.two")) >= 3000
	})
	checkNumbers(t, to.lines(t, "kafka.one"), 5000)
	checkNumbers(t, to.lines(t, "kafka.two"), 3000)
}

// twice is for a group that two members join one after the other: the mock
// broker only notices by the session's end that the first has left.
func twice(brokers string) map[string]string {
	return with(map[string]string{"brokers": brokers, "rdkafka.session.timeout.ms": "6000"})
}

// TestInputGoesOn holds that a second run starts where the first one ended.
func TestInputGoesOn(t *testing.T) {
	t.Parallel()
	brokers := mockKafka(t, "t")
	given := twice(brokers)
	to := &taker{}
	for _, upTo := range []int{1000, 2500} {
		produce(t, brokers, "t", len(to.lines(t, "")), upTo)
		runInput(t, given, to, func() bool { return len(to.lines(t, "")) >= upTo })
	}
	checkNumbers(t, to.lines(t, ""), 2500)
}

// TestInputRefusedBatch holds that a batch which the host refused for good is
// read again by the next run.
func TestInputRefusedBatch(t *testing.T) {
	t.Parallel()
	brokers := mockKafka(t, "t")
	given := twice(brokers)
	produce(t, brokers, "t", 0, 100)
	full := &taker{refuse: 1}
	runInput(t, given, full, func() bool { return full.calls > 2 })
	to := &taker{}
	runInput(t, given, to, func() bool { return len(to.lines(t, "")) >= 100 })
	checkNumbers(t, to.lines(t, ""), 100)
}

// TestInputCloseUncommitted holds that Close does not wait for a broker that is
// gone, with offsets left to commit.
func TestInputCloseUncommitted(t *testing.T) {
	t.Parallel()
	cluster, err := kafka.NewMockCluster(1)
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	if err := cluster.CreateTopic("t", 2, 1); err != nil {
		t.Fatal(err)
	}
	produce(t, cluster.BootstrapServers(), "t", 0, 100)
	to := &taker{}
	var start time.Time
	runInput(t, with(map[string]string{"brokers": cluster.BootstrapServers()}), to, func() bool {
		if len(to.lines(t, "")) < 100 {
			return false
		}
		if err := cluster.SetBrokerDown(1); err != nil {
			t.Error(err)
		}
		start = time.Now()
		return true
	})
	if took := time.Since(start); took > closeWithin+2*time.Second {
		t.Errorf("closing took %s", took)
	}
}

func TestInputCloseWithoutBroker(t *testing.T) {
	start := time.Now()
	log := runInput(t, with(map[string]string{"brokers": "127.0.0.1:1"}), &taker{}, func() bool {
		return time.Since(start) > time.Second
	})
	if took := time.Since(start); took > closeWithin+2*time.Second {
		t.Errorf("took %s", took)
	}
	if n := strings.Count(log.String(), "cannot reach Kafka"); n < 1 || n > 3 {
		t.Errorf("the log says %d times that Kafka cannot be reached:\n%s", n, log)
	}
}
