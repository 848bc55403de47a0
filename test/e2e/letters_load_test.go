package e2e_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

// place is where a message is in a topic.
type place struct {
	partition int32
	offset    int64
}

// mixture are numbered messages of which every badEvery-th is bad, of each kind in turn. They
// go over the partitions of a topic in turn.
type mixture struct {
	topic      string
	partitions int
	badEvery   int
	good, bad  map[place]*kafka.Message // that the brokers have
	reasons    map[place]string         // of the bad ones
	next       int                      // number
}

func newMixture(topic string, partitions, badEvery int) *mixture {
	return &mixture{
		topic: topic, partitions: partitions, badEvery: badEvery,
		good: map[place]*kafka.Message{}, bad: map[place]*kafka.Message{}, reasons: map[place]string{},
	}
}

// mixedLimit is the max_message_bytes that makes the longest kind of bad message one.
const mixedLimit = 32 << 10

// badKinds are values that are not good JSON, and why.
var badKinds = []struct {
	value  func(n int) []byte
	reason string
}{
	{func(n int) []byte { return fmt.Appendf(nil, "no JSON %d", n) }, "json"},
	{func(int) []byte { return []byte{} }, "json"},
	{func(n int) []byte { return fmt.Appendf(nil, `{"n":%d`, n) }, "json"},
	{func(n int) []byte { return fmt.Appendf(nil, "\xff\x00\xfe%d", n) }, "json"},
	{func(int) []byte { return nested(`{"a":`, "}", hostLevels+1) }, "too_deep"},
	{func(n int) []byte {
		return fmt.Appendf(nil, `{"n":%d,"text":%q}`, n, strings.Repeat("x", mixedLimit))
	}, "too_large"},
}

func (m *mixture) isBad(n int) bool { return n%m.badEvery == m.badEvery-1 }

// message is number n. Keys and headers are of every kind there is: none, empty, null, bytes,
// repeated, and such as a letter has.
func (m *mixture) message(n int) (*kafka.Message, string) {
	msg := &kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &m.topic, Partition: int32(n % m.partitions)},
		Key:            [][]byte{nil, {}, []byte("\xff\x00"), fmt.Appendf(nil, "key-%d", n)}[n/m.badEvery%4],
		Headers: [][]kafka.Header{
			nil,
			{{Key: "a", Value: []byte("1")}, {Key: "a", Value: []byte("2")}, {Key: "null", Value: nil}, {Key: "", Value: []byte("\xff")}},
			{{Key: "tidegate.reason", Value: []byte("from before")}, {Key: "empty", Value: []byte{}}},
		}[n/m.badEvery%3],
		Timestamp: time.UnixMilli(time.Now().UnixMilli()),
	}
	if !m.isBad(n) {
		msg.Value = fmt.Appendf(nil, `{"n":%d}`, n)
		return msg, ""
	}
	kind := badKinds[n/m.badEvery%len(badKinds)]
	msg.Value = kind.value(n)
	return msg, kind.reason
}

// produce sends the next so many, and returns when the brokers have them.
func (m *mixture) produce(t *testing.T, k *harness.Kafka, count int) {
	t.Helper()
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "log_level": 0, "linger.ms": 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	reports := make(chan kafka.Event, count)
	reasons := map[*kafka.Message]string{} // by the report's own copy of what was sent
	for range count {
		msg, reason := m.message(m.next)
		m.next++
		msg.Opaque = msg
		reasons[msg] = reason
		if err := p.Produce(msg, reports); err != nil {
			t.Fatal(err)
		}
	}
	for range count {
		report := (<-reports).(*kafka.Message)
		if report.TopicPartition.Error != nil {
			t.Fatal(report.TopicPartition.Error)
		}
		sent := report.Opaque.(*kafka.Message)
		at := place{report.TopicPartition.Partition, int64(report.TopicPartition.Offset)}
		if reason := reasons[sent]; reason == "" {
			m.good[at] = sent
		} else {
			m.bad[at], m.reasons[at] = sent, reason
		}
	}
}

// readAll reads all that a topic holds now.
func readAll(t *testing.T, k *harness.Kafka, topic string) (all []*kafka.Message) {
	t.Helper()
	c, err := kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers": k.Brokers(), "group.id": topic + "-reader", "enable.auto.commit": false, "log_level": 0,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	left := 0
	var from []kafka.TopicPartition
	for partition, end := range k.EndOffsets(t, topic) {
		left += int(end)
		from = append(from, kafka.TopicPartition{Topic: &topic, Partition: partition, Offset: 0})
	}
	if err := c.Assign(from); err != nil {
		t.Fatal(err)
	}
	for ; left > 0; left-- {
		msg, err := c.ReadMessage(time.Minute)
		if err != nil {
			t.Fatalf("reading %s, %d messages before its end: %v", topic, left, err)
		}
		all = append(all, msg)
	}
	return all
}

// checkLetters demands that a dead letter topic has each bad message, with all that it had
// and with where it came from, and nothing else. It returns how many are there again.
func (m *mixture) checkLetters(t *testing.T, instance string, letters []*kafka.Message) (again int) {
	t.Helper()
	seen := map[place]int{}
	wrong := 0
	for _, letter := range letters {
		at, err := m.checkLetter(instance, letter)
		if err != nil {
			if wrong++; wrong <= 5 {
				t.Errorf("letter %v: %v", letter.TopicPartition.Offset, err)
			}
			continue
		}
		if seen[at]++; seen[at] > 1 {
			again++
		}
	}
	if missing := len(m.bad) - len(seen); missing > 0 || wrong > 0 {
		t.Errorf("of %d bad messages %d are missing in the dead letter topic; %d of %d letters are wrong", len(m.bad), missing, wrong, len(letters))
	}
	return again
}

func (m *mixture) checkLetter(instance string, letter *kafka.Message) (at place, err error) {
	added := map[string]string{}
	for _, h := range letter.Headers {
		added[h.Key] = string(h.Value) // the last ones count
	}
	if _, err := fmt.Sscan(added["tidegate.partition"]+" "+added["tidegate.offset"], &at.partition, &at.offset); err != nil {
		return at, fmt.Errorf("no origin in its headers %v: %w", letter.Headers, err)
	}
	sent := m.bad[at]
	if sent == nil {
		return at, fmt.Errorf("there is no bad message at %+v", at)
	}
	if !same(letter.Key, sent.Key) || !same(letter.Value, sent.Value) {
		return at, fmt.Errorf("key %q and value %.50q, want %q and %.50q", letter.Key, letter.Value, sent.Key, sent.Value)
	}
	for i, h := range sent.Headers {
		if i >= len(letter.Headers) || letter.Headers[i].Key != h.Key || !same(letter.Headers[i].Value, h.Value) {
			return at, fmt.Errorf("header %d is not the message's own in %v, want %v", i, letter.Headers, sent.Headers)
		}
	}
	for name, want := range map[string]string{
		"tidegate.reason": m.reasons[at], "tidegate.topic": m.topic, "tidegate.instance": instance,
		"tidegate.time": sent.Timestamp.UTC().Format(time.RFC3339Nano),
	} {
		if added[name] != want {
			return at, fmt.Errorf("%s is %q, want %q", name, added[name], want)
		}
	}
	if added["tidegate.error"] == "" {
		return at, fmt.Errorf("no error in its headers")
	}
	return at, nil
}

// same tells nothing from null, too.
func same(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }

// checkGood demands that Loki has each good message and no bad one, and returns how many of
// what it was sent came again.
func (m *mixture) checkGood(t *testing.T, arrived arrival) (again int) {
	t.Helper()
	want := map[string]bool{}
	for _, msg := range m.good {
		want[string(msg.Value)] = true
	}
	seen := map[string]bool{}
	for _, e := range arrived.lines(t) {
		if !want[e.Line] {
			t.Errorf("Loki has %.100q, which is no good message", e.Line)
		}
		seen[e.Line] = true
	}
	if missing := len(want) - len(seen); missing > 0 {
		t.Errorf("of %d good messages %d are missing in Loki", len(want), missing)
	}
	received, err := arrived.loki.Received()
	if err != nil {
		t.Fatal(err)
	}
	return received - arrived.base - len(want)
}

// waitGood waits until Loki has a line for each good message.
func (m *mixture) waitGood(t *testing.T, arrived arrival) {
	t.Helper()
	harness.Eventually(t, time.Minute, "good messages in Loki", func() error {
		entries, err := arrived.loki.Lines(arrived.selector(), arrived.from, time.Now().Add(time.Second))
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, e := range entries {
			seen[e.Line] = true
		}
		err = atLeast(len(seen), len(m.good))
		if err != nil && arrived.host != nil && arrived.host.Exited() {
			err = harness.Hopeless{Err: fmt.Errorf("%w, and the host has ended", err)}
		}
		return err
	})
}
