package outkafka

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/deadletter/deadlettertest"
	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
)

func withSink(t *testing.T, s *deadlettertest.Sink, settings ...string) (*Output, *logBuffer) {
	t.Helper()
	o, log := newTestOutput(t, settings...)
	o.office = office.New[reason](s, 50*time.Millisecond, o.report.log)
	return o, log
}

// someBad is numbered(0, 20) with two records between that are too large for
// message.max.bytes=2000, and a third that is nested too deep.
func someBad() []byte {
	large := appendRecord(nil, someTime, "n", strings.Repeat("x", 3000))
	deep := appendRecord(nil, someTime)
	deep = append(deep[:len(deep)-1], "\x81\xa1a"+strings.Repeat("\x91", 200)+"\xc0"...)
	return append(append(append(append(numbered(0, 10), large...), large...), deep...), numbered(10, 20)...)
}

// A chunk waits for its letters, and what Kafka has or refused is not sent again.
func TestLettersMakeTheChunkWait(t *testing.T) {
	cluster := startKafka(t, "t")
	s := deadlettertest.New()
	s.Holds = true
	o, log := withSink(t, s, "brokers="+cluster.BootstrapServers(), "topic=t", "rdkafka.message.max.bytes=2000")
	step := func(want plugin.Result, letters, rejected int64) {
		t.Helper()
		flush(t, o, someBad(), want)
		if n := o.report.rejected.Total(); len(s.Letters) != int(letters) || n != rejected || metric.Sum(o.report.counts.Delivered) != 20 {
			t.Fatalf("%d letters, %d rejected, %d delivered: %s", len(s.Letters), n, metric.Sum(o.report.counts.Delivered), log)
		}
	}
	s.Room = 0
	step(plugin.Retry, 0, 0)
	s.Room = deadlettertest.Unbounded
	step(plugin.Retry, 3, 3)
	step(plugin.Retry, 3, 3)
	s.Release(deadlettertest.All, deadlettertest.Unbounded)
	step(plugin.OK, 3, 3)
	if n := strings.Count(log.String(), "dead letters are not safe yet, chunks wait"); n != 1 || strings.Contains(log.String(), "no answer from Kafka") {
		t.Errorf("log:\n%s", log)
	}
	if sent := metric.Sum(o.report.counts.SentBytes); sent != int64(len(`{"n":"0"}`)*10+len(`{"n":"10"}`)*10) {
		t.Errorf("%d bytes were sent", sent)
	}
	checkNumbers(t, consume(t, cluster.BootstrapServers(), 20, "t"), 20)
}

// Letters go out while Kafka is away, once, and the rest of the chunk follows.
func TestLettersBesideAnOutage(t *testing.T) {
	cluster := startKafka(t, "t")
	s := deadlettertest.New()
	o, log := withSink(t, s, "brokers="+cluster.BootstrapServers(), "topic=t", "rdkafka.message.max.bytes=2000", "flush_timeout=300ms")
	if err := cluster.SetBrokerDown(1); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		flush(t, o, someBad(), plugin.Retry)
		if len(s.Letters) != 3 {
			t.Fatalf("%d letters: %s", len(s.Letters), log)
		}
	}
	if err := cluster.SetBrokerUp(1); err != nil {
		t.Fatal(err)
	}
	retry(t, o, someBad())
	if len(s.Letters) != 3 || o.report.rejected.Total() != 3 {
		t.Errorf("%d letters, %d rejected: %s", len(s.Letters), o.report.rejected.Total(), log)
	}
	checkNumbers(t, consume(t, cluster.BootstrapServers(), 20, "t"), 20)
}

// What the brokers refuse of a batch goes alone, and then into a letter that
// tells its topic and its origin.
func TestLetter(t *testing.T) {
	data, err := os.ReadFile("../../common/chunk/testdata/in_kafka.msgpack")
	if err != nil {
		t.Fatal(err)
	}
	s := deadlettertest.New()
	o, log := withSink(t, s, "brokers=127.0.0.1:1", "topic=t", "rdkafka.message.max.bytes=1000", "message_key=$NOPE", "format=raw", "raw_log_key=nope")
	flush(t, o, data, plugin.OK)
	if len(s.Letters) == 0 || int64(len(s.Letters)) != o.report.rejected.Records(noRawLog) {
		t.Fatalf("%d letters: %s", len(s.Letters), log)
	}
	l := s.Letters[0]
	if l.Topic != "logs" || l.Offset < 0 || l.Tag != "kube.app" || l.Reason != "raw_log_key_missing" || l.Text != errNoRawLog.Error() ||
		l.Time.IsZero() || !strings.HasPrefix(string(l.Value), "{") {
		t.Errorf("got %+v", l)
	}

	s.Letters = nil
	o, log = withSink(t, s, "brokers=127.0.0.1:1", "topic=t", "rdkafka.message.max.bytes=2000")
	flush(t, o, appendRecord(nil, someTime, "n", strings.Repeat("x", 3000)), plugin.OK)
	if len(s.Letters) != 1 {
		t.Fatalf("%d letters: %s", len(s.Letters), log)
	}
	l = s.Letters[0]
	if l.Reason != "too_large" || l.Text != "t: "+kafka.ErrMsgSizeTooLarge.String() || l.Topic != "" || len(l.Value) != 3000+len(`{"n":""}`) {
		t.Errorf("got %+v", l)
	}
}

// The whole of a record that is too large for the client's own limit is in its
// letter, in a topic of the same brokers.
func TestLettersInATopic(t *testing.T) {
	cluster := startKafka(t, "t", "dead")
	o, log := newTestOutput(t, "brokers="+cluster.BootstrapServers(), "topic=t", "rdkafka.message.max.bytes=2000", "dead_letter_topic=dead")
	flush(t, o, someBad(), plugin.OK)
	checkNumbers(t, consume(t, cluster.BootstrapServers(), 20, "t"), 20)
	by := map[string]int{}
	for _, m := range consume(t, cluster.BootstrapServers(), 3, "dead") {
		for _, h := range m.Headers {
			if h.Key == "tidegate.reason" {
				by[string(h.Value)]++
			}
			if strings.HasPrefix(h.Key, "tidegate.cut") {
				t.Errorf("a letter was cut: %s", h)
			}
		}
	}
	if got := fmt.Sprint(by); got != "map[too_large:2 unencodable:1]" {
		t.Errorf("letters %s: %s", got, log)
	}
}

// A dead letter topic that records are written to is refused.
func TestLettersInACircle(t *testing.T) {
	f := func(circle bool, settings ...string) {
		t.Helper()
		err := parse(NewConfig(), append(settings, "brokers=k:1")...)
		if is := err != nil && strings.Contains(err.Error(), "is among the topics to write"); is != circle || !circle && err != nil {
			t.Errorf("%q: %v", settings, err)
		}
	}
	f(true, "topic=logs", "dead_letter_topic=logs")
	f(false, "topic=logs", "dead_letter_topic=logs.dead")
	f(false, "topic=logs", "dead_letter_topic=logs", "dead_letter_brokers=other:1")
	template := []string{"topic=logs.$app", "topic_default=logs.other", `topic_allow=audit,^logs\.`}
	f(true, append(template, "dead_letter_topic=logs.other")...)
	f(true, append(template, "dead_letter_topic=logs.dead")...)
	f(true, append(template, "dead_letter_topic=audit")...)
	f(false, append(template, "dead_letter_topic=dead")...)
}

// The letters' client has the output's properties, without its limit.
func TestLetterProperties(t *testing.T) {
	c := NewConfig()
	if err := parse(c, "brokers=k:1", "topic=t", "rdkafka.message.max.bytes=2000", "rdkafka.linger.ms=7", "rdkafka.security.protocol=ssl"); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, value := range c.letterProperties() {
		got[kafkaconf.Prefix+name] = value
	}
	if fmt.Sprint(got) != "map[rdkafka.linger.ms:7 rdkafka.security.protocol:ssl]" {
		t.Errorf("got %v", got)
	}
}

// The inputs hear that a rejected record is finished once its letter is safe.
func TestSettled(t *testing.T) {
	s := deadlettertest.New()
	s.Holds = true
	o := office.New[reason](s, time.Millisecond, slog.New(slog.DiscardHandler))
	f := &flight{states: []state{delivered, rejected, unsent, rejected}, mail: o.NewMail()}
	var counted reasons.Sums[reason]
	rejects := []office.Rejected[reason]{{Record: 1, Why: tooLarge}, {Record: 3, Why: tooLarge}}
	check := func(safe bool, want ...bool) {
		t.Helper()
		if f.mail.Post(t.Context(), "tag", numbered(0, 4), rejects, &counted) != safe {
			t.Errorf("safe is %v", !safe)
		}
		for i := range f.states {
			if got := f.settled(i); got != want[i] {
				t.Errorf("record %d is settled: %v", i, got)
			}
		}
		rejects = nil
	}
	check(false, true, false, false, false)
	s.Release(1, deadlettertest.Unbounded)
	check(false, true, true, false, false)
	s.Release(1, deadlettertest.Unbounded)
	check(true, true, true, false, true)
}
