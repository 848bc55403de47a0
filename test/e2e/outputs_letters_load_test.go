package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

// oddLoad is how many records there are.
const oddLoad = 1000

// oddRecord is a record before it is produced, for what makes it odd.
type oddRecord struct {
	value map[string]any
	time  time.Time
}

// oddPlace is where a record is, and what it is there.
type oddPlace struct {
	place
	time  time.Time
	value []byte
}

// produceLoad sends numbered records to the partitions of a topic in turn, some of them made
// odd before.
func produceLoad(t *testing.T, k *harness.Kafka, topic string, odd map[int]func(*oddRecord)) map[int]oddPlace {
	t.Helper()
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "log_level": 0, "linger.ms": 1})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	reports := make(chan kafka.Event, oddLoad)
	for n := range oddLoad {
		r := oddRecord{
			value: map[string]any{"n": n, "service": fmt.Sprint("s", n%3), "message": fmt.Sprintf("request %d", n)},
			time:  time.UnixMilli(time.Now().UnixMilli()),
		}
		if make, is := odd[n]; is {
			make(&r)
		}
		text, err := json.Marshal(r.value)
		if err != nil {
			t.Fatal(err)
		}
		m := &kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: int32(n % 4)}, Timestamp: r.time,
			Value: text, Opaque: oddPlace{time: r.time, value: text},
		}
		if err := p.Produce(m, reports); err != nil {
			t.Fatal(err)
		}
	}
	places := map[int]oddPlace{}
	for range oddLoad {
		report := (<-reports).(*kafka.Message)
		if report.TopicPartition.Error != nil {
			t.Fatal(report.TopicPartition.Error)
		}
		at := report.Opaque.(oddPlace)
		at.place = place{report.TopicPartition.Partition, int64(report.TopicPartition.Offset)}
		places[numberIn(t, at.value)] = at
	}
	return places
}

// numberIn is a record's number.
func numberIn(t *testing.T, text []byte) int {
	t.Helper()
	var record struct{ N *int }
	if err := json.Unmarshal(text, &record); err != nil || record.N == nil {
		t.Fatalf("no number in %.200s: %v", text, err)
	}
	return *record.N
}

// outputLetter is a letter by the names of its headers, without tidegate.
type outputLetter struct {
	headers map[string]string
	value   []byte
}

func lettersInTopic(t *testing.T, k *harness.Kafka, topic string) (all []outputLetter) {
	t.Helper()
	for _, m := range readAll(t, k, topic) {
		l := outputLetter{map[string]string{}, m.Value}
		for _, h := range m.Headers {
			l.headers[strings.TrimPrefix(h.Key, "tidegate.")] = string(h.Value)
		}
		all = append(all, l)
	}
	return all
}

func lettersInFile(t *testing.T, path string) (all []outputLetter) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var l struct {
			Reason, Error, Instance, Tag, Labels, Topic, Value string

			Partition, Offset int
			Time              string `json:"record_time"`
		}
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatalf("%v in %.200s", err, line)
		}
		all = append(all, outputLetter{map[string]string{
			"reason": l.Reason, "error": l.Error, "instance": l.Instance, "tag": l.Tag, "labels": l.Labels, "topic": l.Topic,
			"partition": fmt.Sprint(l.Partition), "offset": fmt.Sprint(l.Offset), "time": l.Time,
		}, []byte(l.Value)})
	}
	return all
}
