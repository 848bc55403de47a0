package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

// The layout fluentbit is that of Fluent Bit's own input kafka: both read the same messages
// in one agent, and what they write is the same but for the time.
func TestLayoutOfTheBuiltIn(t *testing.T) {
	k, err := kafkaOnce()
	if err != nil {
		t.Fatal(err)
	}
	harness.Watch(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("needs Fluent Bit: the stand-in has no input kafka")
		}
		for format, builtIn := range map[string]string{"json": "json", "raw": "none"} {
			t.Run(format, func(t *testing.T) {
				topic := uniqueName(t)
				k.CreateTopic(t, topic, 1)
				count := produceForLayouts(t, k, topic, format)
				dir := t.TempDir()
				group := uniqueName(t)
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: input(k, topic, group+"-ours", "tag ours", "layout fluentbit", "tombstones keep", "format "+format) + `
[INPUT]
    Name     kafka
    Tag      theirs
    brokers  ` + k.Brokers() + `
    topics   ` + topic + `
    group_id ` + group + `-theirs
    format   ` + builtIn + `
    rdkafka.auto.offset.reset earliest
[OUTPUT]
    Name     file
    Match    ours
    Path     ` + dir + `
    File     ours.json
    Format   plain
[OUTPUT]
    Name     file
    Match    theirs
    Path     ` + dir + `
    File     theirs.json
    Format   plain
`})
				var ours, theirs []string
				harness.Eventually(t, time.Minute, "records of both inputs", func() error {
					ours, theirs = fileLines(dir, "ours.json"), fileLines(dir, "theirs.json")
					if len(ours) < count || len(theirs) < count {
						return fmt.Errorf("%d and %d of %d are there", len(ours), len(theirs), count)
					}
					return nil
				})
				stop(t, h)
				for i := range count {
					if ours[i] != theirs[i] {
						t.Errorf("message %d:\n   ours %s\nbuilt-in %s", i, ours[i], theirs[i])
					}
				}
			})
		}
	})
}

func fileLines(dir, name string) []string {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// produceForLayouts sends payloads of every kind with keys of every kind; an empty value
// only where it is not parsed: as JSON the built-in writes a record without a payload for
// it, which takes the next record in for that.
func produceForLayouts(t *testing.T, k *harness.Kafka, topic, format string) int {
	t.Helper()
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "go.delivery.reports": false})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	keys := [][]byte{nil, {}, []byte("k"), []byte("käse"), []byte("\xff\x00")}
	values := []string{
		`{"a":1,"b":{"c":[true,null,-2.5]},"d":"é \"q\""}`, `{}`, `[1,2]`, `[]`, `{"a":1,"a":2}`, `{"n":18446744073709551615,"i":-9223372036854775808,"f":1.5e3,"z":0.0}`,
		`oops`, `{"a":`, "\xff", `{"a":"\ud83d\ude00"}`, " {\"a\":1} ",
	}
	if format == "raw" {
		values = append(values, "")
	}
	count := 0
	send := func(m kafka.Message) {
		m.TopicPartition = kafka.TopicPartition{Topic: &topic, Partition: 0}
		if err := p.Produce(&m, nil); err != nil {
			t.Fatal(err)
		}
		count++
	}
	for _, value := range values {
		send(kafka.Message{Value: []byte(value)})
	}
	for _, key := range keys {
		send(kafka.Message{Key: key, Value: []byte(`{"a":1}`)})
	}
	send(kafka.Message{Key: []byte("tombstone")})
	if left := p.Flush(10_000); left > 0 {
		t.Fatalf("%d messages were not produced", left)
	}
	return count
}
