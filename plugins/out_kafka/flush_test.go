package outkafka

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
)

func TestMessages(t *testing.T) {
	cluster := startKafka(t, "logs.web", "logs.other")
	o, log := newTestOutput(t,
		"brokers="+cluster.BootstrapServers(), "topic=logs.$app", "topic_default=logs.other", `topic_allow=^logs\.[a-z]+$`,
		"message_key=$host", "headers=source=edge,tag=$TAG[1],level=$level", "timestamp_key=@timestamp",
	)
	data := appendRecord(nil, someTime, "app", "web", "host", "h1", "level", "warn", "@timestamp", "old")
	data = appendRecord(data, someTime, "app", "../x", "host", "")
	data = appendRecord(data, someTime, "app", "web2")
	data = appendRecord(data, someTime)
	flush(t, o, data, plugin.OK)

	const stamp = `{"@timestamp":"2023-11-14T22:13:20.123456789Z"`
	want := map[string]string{
		stamp + `,"app":"web","host":"h1","level":"warn"}`: `logs.web h1 [source="edge" tag="app" level="warn"]`,
		stamp + `,"app":"../x","host":""}`:                 `logs.other <nil> [source="edge" tag="app"]`,
		stamp + `,"app":"web2"}`:                           `logs.other <nil> [source="edge" tag="app"]`,
		stamp + `}`:                                        `logs.other <nil> [source="edge" tag="app"]`,
	}
	for _, m := range consume(t, cluster.BootstrapServers(), len(want), "logs.web", "logs.other") {
		key := "<nil>"
		if m.Key != nil {
			key = string(m.Key)
		}
		if got := fmt.Sprint(*m.TopicPartition.Topic, " ", key, " ", m.Headers); got != want[string(m.Value)] {
			t.Errorf("%s: %s, want %s", m.Value, got, want[string(m.Value)])
		}
		if m.Timestamp.UnixMilli() != someTime/1_000_000 {
			t.Errorf("timestamp %s", m.Timestamp)
		}
	}
	for _, why := range []detour{noTopicField, illegalTopic, topicNotAllowed} {
		if n := o.report.detours.Records(why); n != 1 || !strings.Contains(log.String(), "reason="+why.String()) {
			t.Errorf("%d records went to topic_default because of %s; log:\n%s", n, why, log)
		}
	}
	if n := metric.Sum(o.report.counts.Delivered); n != 4 {
		t.Errorf("%d delivered", n)
	}
}

func TestRaw(t *testing.T) {
	cluster := startKafka(t, "t")
	o, log := newTestOutput(t, "brokers="+cluster.BootstrapServers(), "topic=t", "format=raw", "raw_log_key=log", "message_key=all")
	data := appendRecord(nil, someTime, "log", "a line", "more", "x")
	data = appendRecord(data, someTime, "more", "nothing else")
	data = appendRecord(data, someTime, "log", "")
	flush(t, o, data, plugin.OK)
	var got []string
	for _, m := range consume(t, cluster.BootstrapServers(), 2, "t") {
		if m.Value == nil {
			t.Error("an empty text became a tombstone")
		}
		got = append(got, string(m.Key)+":"+string(m.Value))
	}
	if text := strings.Join(got, "|"); text != "all:a line|all:" {
		t.Errorf("got %s", text)
	}
	if o.report.rejected.Records(noRawLog) != 1 || !strings.Contains(log.String(), "reason=raw_log_key_missing records=1") {
		t.Errorf("log:\n%s", log)
	}
}

func TestRejectedAndOthers(t *testing.T) {
	cluster := startKafka(t, "t")
	o, log := newTestOutput(t, "brokers="+cluster.BootstrapServers(), "topic=t", "rdkafka.message.max.bytes=2000")
	data := numbered(0, 10)
	data = appendRecord(data, someTime, "n", strings.Repeat("x", 3000))
	data = append(data, numbered(10, 20)...)
	data = append(data, 0x91, 0x01) // an array of one: no event
	data = append(data, numbered(20, 30)...)
	deep := appendRecord(nil, someTime)
	deep = append(deep[:len(deep)-1], 0x81, 0xa1, 'a')
	for range 200 {
		deep = append(deep, 0x91)
	}
	data = append(append(data, deep...), 0xc0)
	data = append(data, numbered(30, 40)...)
	data = append(data, appendRecord(nil, someTime, "cut", "off")[:15]...)
	flush(t, o, data, plugin.OK)
	checkNumbers(t, consume(t, cluster.BootstrapServers(), 40, "t"), 40)
	for why, want := range map[reason]int64{tooLarge: 1, malformed: 2, unencodable: 1} {
		if n := o.report.rejected.Records(why); n != want || !strings.Contains(log.String(), "reason="+why.String()) {
			t.Errorf("%d rejected because of %s, want %d; log:\n%s", n, why, want, log)
		}
	}
	if strings.Contains(log.String(), "xxx") {
		t.Errorf("a record is in the log:\n%s", log)
	}
	flush(t, o, []byte{0xc1, 1, 2}, plugin.Error)
	flush(t, o, nil, plugin.OK)
}

// TestBrokerDown: what was under way when the broker went is not produced
// again by retries, and all of it arrives once.
func TestBrokerDown(t *testing.T) {
	cluster := startKafka(t, "t")
	o, log := newTestOutput(t, "brokers="+cluster.BootstrapServers(), "topic=t", "flush_timeout=1s",
		"rdkafka.queue.buffering.max.messages=1500")
	const chunks, size = 4, 500
	// On a busy machine, the first connection alone can take a flush_timeout.
	retry(t, o, numbered(0, size))
	if err := cluster.SetBrokerDown(1); err != nil {
		t.Fatal(err)
	}
	// The fourth does not fit into the client's queue.
	for i := 1; i <= chunks; i++ {
		start := time.Now()
		flush(t, o, numbered(i*size, (i+1)*size), plugin.Retry)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("flush took %s", took)
		}
	}
	flush(t, o, numbered(size, 2*size), plugin.Retry)
	if n := o.batched.session.producer.Len(); n > 1500 {
		t.Errorf("%d messages in the client: the retry produced them again", n)
	}
	if err := cluster.SetBrokerUp(1); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= chunks; i++ {
		retry(t, o, numbered(i*size, (i+1)*size))
	}
	checkNumbers(t, consume(t, cluster.BootstrapServers(), (chunks+1)*size, "t"), (chunks+1)*size)
	for _, want := range []string{"cannot reach Kafka", "no answer from Kafka within flush_timeout"} {
		if n := strings.Count(log.String(), want); n != 1 {
			t.Errorf("%d times %q; log:\n%s", n, want, log)
		}
	}
}

// retry flushes a chunk until it is delivered, as the engine would.
func retry(t *testing.T, o *Output, data []byte) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if o.Flush(t.Context(), "kube.app", data) == plugin.OK {
			return
		}
	}
	t.Fatal("not delivered in time")
}

// TestQueueFull: a queue that is much smaller than a chunk slows it down and
// drops nothing.
func TestQueueFull(t *testing.T) {
	cluster := startKafka(t, "t")
	o, _ := newTestOutput(t, "brokers="+cluster.BootstrapServers(), "topic=t", "rdkafka.queue.buffering.max.messages=50")
	flush(t, o, numbered(0, 2000), plugin.OK)
	checkNumbers(t, consume(t, cluster.BootstrapServers(), 2000, "t"), 2000)
}

func TestConcurrentFlushes(t *testing.T) {
	cluster := startKafka(t, "t")
	o, _ := newTestOutput(t, "brokers="+cluster.BootstrapServers(), "topic=t", "message_key=$n")
	const flushes, size = 16, 500
	var all sync.WaitGroup
	for i := range flushes {
		all.Go(func() {
			if got := o.Flush(t.Context(), "tag", numbered(i*size, (i+1)*size)); got != plugin.OK {
				t.Errorf("answered %v", got)
			}
		})
	}
	all.Wait()
	checkNumbers(t, consume(t, cluster.BootstrapServers(), flushes*size, "t"), flushes*size)
}

// TestEqualChunks: two equal chunks under way at once are two times the
// records, however their retries find their states.
func TestEqualChunks(t *testing.T) {
	cluster := startKafka(t, "t")
	o, _ := newTestOutput(t, "brokers="+cluster.BootstrapServers(), "topic=t", "flush_timeout=300ms")
	if err := cluster.SetBrokerDown(1); err != nil {
		t.Fatal(err)
	}
	data := numbered(0, 100)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if got := o.Flush(t.Context(), "kube.app", data); got != plugin.Retry {
				t.Errorf("answered %v", got)
			}
		})
	}
	both.Wait()
	if err := cluster.SetBrokerUp(1); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		both.Go(func() { retry(t, o, data) })
	}
	both.Wait()
	seen := map[string]int{}
	for _, m := range consume(t, cluster.BootstrapServers(), 200, "t") {
		seen[string(m.Value)]++
	}
	for value, n := range seen {
		if n != 2 {
			t.Errorf("%s is there %d times", value, n)
		}
	}
}

// TestFatalError: a producer that can go no further is replaced.
func TestFatalError(t *testing.T) {
	cluster := startKafka(t, "t")
	o, log := newTestOutput(t, "brokers="+cluster.BootstrapServers(), "topic=t", "flush_timeout=5s")
	flush(t, o, numbered(0, 100), plugin.OK)
	old := o.batched.session
	if code := old.producer.TestFatalError(kafka.ErrOutOfOrderSequenceNumber, "made by a test"); code != kafka.ErrNoError {
		t.Fatal(code)
	}
	retry(t, o, numbered(100, 200))
	select {
	case <-old.closed:
	case <-time.After(20 * time.Second):
		t.Fatal("the old producer was not closed")
	}
	checkNumbers(t, consume(t, cluster.BootstrapServers(), 200, "t"), 200)
	if !strings.Contains(log.String(), "a new one takes its place") {
		t.Errorf("log:\n%s", log)
	}
}

// TestCloseWithoutBroker: an exit waits a bounded time, and says what is left.
func TestCloseWithoutBroker(t *testing.T) {
	var log *logBuffer
	start := time.Now()
	t.Run("output", func(t *testing.T) {
		var o *Output
		o, log = newTestOutput(t, "brokers=127.0.0.1:1", "topic=t", "flush_timeout=200ms")
		flush(t, o, numbered(0, 10), plugin.Retry)
	})
	if took := time.Since(start); took > closeWithin+5*time.Second {
		t.Errorf("took %s", took)
	}
	if !strings.Contains(log.String(), "stopped before Kafka confirmed all records") || !strings.Contains(log.String(), "records=10") {
		t.Errorf("log:\n%s", log)
	}
}
