package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

const (
	oddTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
	oddSpan  = "00f067aa0ba902b7"
)

// recordOptions are options of a record and what a real Fluent Bit then has: the event's
// time, and what of its metadata and its record it prints. The message is at 12:00:01 UTC,
// and has a key, a traceparent and a null header.
var recordOptions = map[string]struct {
	lines []string
	value string
	want  string // a regular expression over the printed event
}{
	"the defaults": {nil, `{"a":1}`,
		`\[\[1795176001\.000000000, \{"kafka"=>\{.*"key"=>"n-0", "headers"=>\[\["traceparent", "[^"]+"\], \["none", nil\]\]\}, "trace_id"=>"` + oddTrace + `", "span_id"=>"` + oddSpan + `"\}\], \{"a"=>1\}\]`},
	"a time of the payload": {[]string{"timestamp_from field", "time_key $log['at']", "time_format %d/%b/%Y:%H:%M:%S.%L", "time_zone Europe/Berlin"}, `{"log":{"at":"20/Nov/2026:12:00:00.25"}}`,
		`\[\[1795172400\.250000000, .*\], \{"log"=>\{"at"=>"20/Nov/2026:12:00:00\.25"\}\}\]`},
	"a time that is none": {[]string{"timestamp_from field", "time_key at"}, `{"at":"noon"}`,
		`\[\[1795176001\.000000000, .*\], \{"at"=>"noon"\}\]`},
	"everything included": {[]string{"include topic,partition,offset,key,headers,timestamp", "include_prefix @"}, `{"a":1}`,
		`\], \{"a"=>1, "@topic"=>"[^"]+", "@partition"=>0, "@offset"=>0, "@key"=>"n-0", "@headers"=>\[\["traceparent", "[^"]+"\], \["none", nil\]\], "@timestamp"=>1795176001000\}\]`},
	"the origin in the record": {[]string{"origin_in record", "payload_key p"}, `[1]`,
		`"kafka"=>(\{"topic"=>"[^"]+", "partition"=>0, "offset"=>0, "origin"=>\[\d+, \d+\]).*\], \{"tidegate_origin"=>\{"topic"=>"[^"]+", "partition"=>0, "offset"=>0, "origin"=>\[\d+, \d+\]\}, "p"=>\[1\]\}\]`},
	"logfmt": {[]string{"format logfmt"}, `level=info msg="a b" retry`,
		`\], \{"level"=>"info", "msg"=>"a b", "retry"=>true\}\]`},
	"msgpack": {[]string{"format msgpack"}, "\x82\xa1a\x01\xa1b\x92\xc0\xcb\x40\x04\x00\x00\x00\x00\x00\x00",
		`\], \{"a"=>1, "b"=>\[nil, 2\.500000\]\}\]`},
}

// Each option does on a real Fluent Bit what it says.
func TestRecordOptions(t *testing.T) {
	k, err := kafkaOnce()
	if err != nil {
		t.Fatal(err)
	}
	harness.Watch(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, c := range recordOptions {
			t.Run(name, func(t *testing.T) {
				topic := uniqueName(t)
				k.CreateTopic(t, topic, 1)
				produceTraced(t, k, topic, c.value)
				h := harness.StartHost(t, host, harness.HostConfig{
					Pipeline: input(k, topic, topic, c.lines...) + "\n[OUTPUT]\n    Name stdout\n    Match *\n",
				})
				waitPrinted(t, h, 1)
				stop(t, h)
				want := regexp.MustCompile(c.want)
				for line := range strings.Lines(h.Log()) {
					if printedKey.MatchString(line) && !want.MatchString(line) {
						t.Errorf("got %s\nwant %s", line, c.want)
					}
				}
			})
		}
	})
}

func produceTraced(t *testing.T, k *harness.Kafka, topic, value string) {
	t.Helper()
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "go.delivery.reports": false})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	m := kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: 0},
		Key:            []byte("n-0"), Value: []byte(value), Timestamp: time.Unix(1795176001, 0),
		Headers: []kafka.Header{{Key: "traceparent", Value: fmt.Appendf(nil, "00-%s-%s-01", oddTrace, oddSpan)}, {Key: "none"}},
	}
	if err := p.Produce(&m, nil); err != nil {
		t.Fatal(err)
	}
	if left := p.Flush(10_000); left > 0 {
		t.Fatalf("%d messages were not produced", left)
	}
}
