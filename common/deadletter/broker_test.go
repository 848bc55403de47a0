package deadletter

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkaconf"
)

// A letter has the message's key, value and headers as they were, and where it
// comes from.
func TestBrokerLetter(t *testing.T) {
	name := topicName(t)
	makeTopic(t, name, nil)
	topic, a := brokerTopic(t, name, realBroker(t))
	var safe atomic.Int64
	send(t, topic, &safe, &Letter{
		Reason: "malformed", Text: "reading JSON: …", Topic: "orders", Partition: 3, Offset: 1 << 40, Tag: "kafka.orders", Time: someTime,
		Key: []byte{0xff, 0}, Value: []byte("{\x00\xfe"),
		Headers: []Header{{"id", []byte("1")}, {"null", nil}, {"id", []byte("2")}, {"empty", []byte{}}, {"tidegate.reason", []byte("before")}},
	})
	send(t, topic, &safe, &Letter{Reason: "too_old", Labels: `{app="x"}`, Offset: -1})
	send(t, topic, &safe, &Letter{Reason: "malformed", Topic: "orders", Key: []byte{}, Value: []byte{}})
	eventually(t, "all are safe", func() bool { return safe.Load() == 3 })
	got := consume(t, name, 3)
	want := []string{
		"id=1", "null", "id=2", "empty=", "tidegate.reason=before",
		"tidegate.reason=malformed", "tidegate.error=reading JSON: …", "tidegate.instance=test.0", "tidegate.tag=kafka.orders",
		"tidegate.topic=orders", "tidegate.partition=3", "tidegate.offset=1099511627776", "tidegate.time=2026-01-02T03:04:05.6Z",
	}
	if h := headersOf(got[0]); !slices.Equal(h, want) {
		t.Errorf("got  %q\nwant %q", h, want)
	}
	if string(got[0].Key) != "\xff\x00" || string(got[0].Value) != "{\x00\xfe" || time.Since(got[0].Timestamp) > time.Minute {
		t.Errorf("got key %q, value %q at %s", got[0].Key, got[0].Value, got[0].Timestamp)
	}
	if h := headersOf(got[1]); !slices.Equal(h, []string{"tidegate.reason=too_old", "tidegate.instance=test.0", `tidegate.labels={app="x"}`}) {
		t.Errorf("got %q", h)
	}
	if got[1].Key != nil || got[1].Value != nil {
		t.Errorf("got key %q, value %q", got[1].Key, got[1].Value)
	}
	if k, v := got[2].Key, got[2].Value; k == nil || v == nil || len(k)+len(v) > 0 || headerValue(got[2], headerOffset) != "0" {
		t.Errorf("got key %v, value %v, which were empty and not null; headers %q", k, v, headersOf(got[2]))
	}
	if strings.Contains(a.lines(), "dead letters") {
		t.Errorf("log:\n%s", a.lines())
	}
}

// A letter that the topic finds too large is cut, and none beside it. One that
// was as large as its own topic allowed keeps half.
func TestBrokerTooLarge(t *testing.T) {
	f := func(size, wantSize int, config map[string]string) {
		t.Helper()
		name := topicName(t)
		makeTopic(t, name, config)
		topic, a := brokerTopic(t, name, realBroker(t))
		var safe atomic.Int64
		const n = 50
		for i := range n {
			l := numberedLetter(i)
			if i == n/2 {
				l.Value = make([]byte, size)
			}
			send(t, topic, &safe, l)
		}
		eventually(t, "all are safe", func() bool { return safe.Load() == n })
		cuts := 0
		for _, m := range consume(t, name, n) {
			if slices.Contains(headersOf(m), headerCutValue+"="+strconv.Itoa(size)) {
				cuts++
				if len(m.Value) != wantSize {
					t.Errorf("cut to %d bytes, want %d", len(m.Value), wantSize)
				}
			} else if !strings.HasPrefix(string(m.Value), "letter ") {
				t.Errorf("%d bytes of another", len(m.Value))
			}
		}
		if cuts != 1 || a.metric(t, "dead_letters_cut_total") != 1 || !strings.Contains(a.lines(), "dead letters are cut") {
			t.Errorf("%d were cut; log:\n%s", cuts, a.lines())
		}
	}
	f(3_000_000, 93_750, map[string]string{"max.message.bytes": "100000"})
	f(1<<20, 1<<19, nil)
	f(70<<20, 560<<10, nil)                                          // over the client's own limit too
	f(30_000, 1_875, map[string]string{"max.message.bytes": "3000"}) // which also the small ones are together
}

// Letters wait for a topic that does not exist, and arrive once it does.
func TestBrokerTopicMissing(t *testing.T) {
	name := topicName(t)
	topic, a := brokerTopic(t, name, realBroker(t))
	var safe atomic.Int64
	for i := range 10 {
		send(t, topic, &safe, numberedLetter(i))
	}
	eventually(t, "the log tells", func() bool { return strings.Contains(a.lines(), "a topic does not exist") })
	if safe.Load() != 0 {
		t.Errorf("%d are safe without a topic", safe.Load())
	}
	makeTopic(t, name, nil)
	start := time.Now()
	eventually(t, "all are safe", func() bool { return safe.Load() == 10 })
	t.Logf("safe %s after the topic was made", time.Since(start).Round(time.Millisecond))
	consume(t, name, 10)
}

// A topic that takes no message without a key is told of; what has one arrives.
func TestBrokerCompacted(t *testing.T) {
	name := topicName(t)
	makeTopic(t, name, map[string]string{"cleanup.policy": "compact"})
	topic, a := brokerTopic(t, name, realBroker(t))
	var safe atomic.Int64
	send(t, topic, &safe, numberedLetter(0))
	send(t, topic, &safe, &Letter{Reason: "malformed", Key: []byte("k")})
	eventually(t, "the log tells", func() bool { return strings.Contains(a.lines(), "a compacted topic takes no message without a key") })
	eventually(t, "one is safe", func() bool { return safe.Load() == 1 })
	if left := topic.Close(time.Now().Add(time.Second)); left != 1 {
		t.Errorf("%d left", left)
	}
}

// A user who may not write is told of, and letters arrive once it may.
func TestBrokerDenied(t *testing.T) {
	secured, user, password := os.Getenv("KAFKA_SASL"), os.Getenv("KAFKA_USER"), os.Getenv("KAFKA_PASSWORD")
	if secured == "" {
		t.Skip("set KAFKA_SASL, KAFKA_USER and KAFKA_PASSWORD, beside a KAFKA that needs none, to run this")
	}
	name := topicName(t)
	makeTopic(t, name, nil)
	topic, a := brokerTopic(t, name, secured, "security.protocol=sasl_plaintext", "sasl.mechanism=PLAIN", "sasl.username="+user, "sasl.password="+password)
	var safe atomic.Int64
	for i := range 10 {
		send(t, topic, &safe, numberedLetter(i))
	}
	eventually(t, "the log tells", func() bool { return strings.Contains(a.lines(), kafkaconf.Denied.Text(kafkaconf.Producer)) })
	t.Logf("log:\n%s", a.lines())
	results, err := newAdmin(t).CreateACLs(t.Context(), kafka.ACLBindings{{
		Type: kafka.ResourceTopic, Name: name, ResourcePatternType: kafka.ResourcePatternTypeLiteral,
		Principal: "User:" + user, Host: "*", Operation: kafka.ACLOperationWrite, PermissionType: kafka.ACLPermissionTypeAllow,
	}})
	if err != nil || results[0].Error.Code() != kafka.ErrNoError {
		t.Fatal(err, results)
	}
	eventually(t, "all are safe", func() bool { return safe.Load() == 10 })
	consume(t, name, 10)
}

// TestBrokerRestart sends letters by number while somebody else kills the broker
// and starts it again. Each arrives, once.
func TestBrokerRestart(t *testing.T) {
	name := os.Getenv("DEAD_LETTER_TOPIC")
	if name == "" {
		t.Skip("set DEAD_LETTER_TOPIC to a topic whose broker goes and comes back")
	}
	topic, a := brokerTopic(t, name, realBroker(t))
	const n = 20_000
	var safe atomic.Int64
	start, killed := time.Now(), false
	for i := range n {
		if i > n/2 && !killed {
			<-time.After(time.Millisecond) // that there are letters on the way when it happens
			killed = strings.Contains(a.lines(), "dead letters wait: ")
		}
		send(t, topic, &safe, numberedLetter(i))
	}
	if !killed {
		t.Fatal("nobody killed the broker")
	}
	eventually(t, "all are safe", func() bool { return safe.Load() == n })
	t.Logf("%d letters in %s; log:\n%s", n, time.Since(start).Round(time.Millisecond), a.lines())
	seen := map[string]bool{}
	for _, m := range consume(t, name, n) {
		if want := "letter " + headerValue(m, headerOffset); string(m.Value) != want || headerValue(m, headerReason) != "malformed" {
			t.Fatalf("%q with %q", m.Value, headersOf(m))
		}
		seen[string(m.Value)] = true
	}
	if len(seen) != n || a.metric(t, "dead_letters_total") != n {
		t.Errorf("%d different letters, want %d", len(seen), n)
	}
}
