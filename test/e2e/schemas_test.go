package e2e_test

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/schemaregistry"
)

// Who may ask the registry.
const registryUser, registryPassword = "tidegate", "hush-registry"

func startRegistry(t *testing.T) *schemaregistry.Server {
	t.Helper()
	r := schemaregistry.Start(t)
	r.RequireUser(registryUser, registryPassword)
	return r
}

// serialized are messages that a program of Python writes with confluent-kafka's serializers.
type serialized struct {
	messages
	format  string
	evolved bool // by a later version of the schema, with a region
}

func (s serialized) produce(t *testing.T, k *harness.Kafka, r *schemaregistry.Server, topic string) {
	t.Helper()
	records := filepath.Join(t.TempDir(), "records")
	if err := os.WriteFile(records, []byte(s.text()), 0o644); err != nil {
		t.Fatal(err)
	}
	evolved := ""
	if s.evolved {
		evolved = "1"
	}
	for name, value := range map[string]string{
		"KAFKA_BROKERS": k.Brokers(), "TOPIC": topic, "RECORDS": records, "FORMAT": s.format, "EVOLVED": evolved,
	} {
		t.Setenv(name, value)
	}
	harness.Serialize(t, "e2e/testdata/serializers", r.URL, registryUser, registryPassword)
}

// region is what the evolved schema has for number n; empty is null.
func region(n int) string { return []string{"eu", "us", ""}[n%3] }

// schemasOf brings a topic of a registry's format to Loki, with labels out of its fields.
func schemasOf(k *harness.Kafka, l *harness.Loki, format, registry, topic string, further ...string) pipeline {
	lines := []string{"alias source", "format " + format}
	if format == "avro" { // the other needs none
		lines = append(lines, "schema_registry_url "+registry, "schema_registry_user "+registryUser, "schema_registry_password "+registryPassword)
	}
	return pipeline{
		brokers: k.Brokers(), topics: topic, group: topic, loki: l.URL, labels: "job=" + topic + "," + labelsOfLoad + ",region=$region",
		input: append(lines, further...),
	}
}

// Each of a real serializer's messages is in Loki once, under the labels that its fields name,
// also those of a later version of its schema, which come while the agent runs.
func TestSerializedMessages(t *testing.T) {
	k, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for _, format := range []string{"avro", "json_schema"} {
			t.Run(format, func(t *testing.T) {
				registry := startRegistry(t)
				topic := uniqueName(t)
				k.CreateTopic(t, topic, 3)
				arrived := arrivalOf(t, l, topic)
				old := serialized{messages: messages{count: 3000}, format: format}
				old.produce(t, k, registry, topic)
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: schemasOf(k, l, format, registry.URL, topic).String()})
				arrived.host = h
				arrived.check(t, old.messages, time.Minute)

				late := serialized{messages: messages{first: 3000, count: 3000}, format: format, evolved: true}
				late.produce(t, k, registry, topic)
				old.first, old.count = 6000, 1000 // some producers are not moved yet
				old.produce(t, k, registry, topic)
				arrived.check(t, messages{count: 7000}, time.Minute)
				waitAllCommitted(t, k, topic, topic)
				stop(t, h)
				checkCommitted(t, k, topic, topic)
				checkRegions(t, arrived.lines(t), late.messages)
				if schemas := len(registry.Schemas()); schemas != 2 {
					t.Errorf("the registry has %d schemas, want 2", schemas)
				}
				if strings.Contains(h.Log(), "bad messages") || strings.Contains(h.Log(), registryPassword) {
					t.Error("bad messages, or the registry's password, are in the log")
				}
				checkAsked(t, registry)
			})
		}
	})
}

// checkAsked demands that nobody asks the registry for a schema twice.
func checkAsked(t *testing.T, registry *schemaregistry.Server) {
	t.Helper()
	times := map[string]int{}
	for _, r := range registry.Requests() {
		if r.Method == http.MethodGet && strings.HasPrefix(r.Path, "/schemas/ids/") {
			times[r.Path]++
		}
	}
	for path, n := range times {
		if n > 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
}

// checkRegions demands the label of the evolved messages, and that others have none.
func checkRegions(t *testing.T, entries []harness.Entry, evolved messages) {
	t.Helper()
	wrong := 0
	for _, e := range entries {
		found := numberInRecord.FindStringSubmatch(e.Line)
		if found == nil {
			t.Fatalf("no number in %s", e.Line)
		}
		n, err := strconv.Atoi(found[1])
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if n >= evolved.first && n < evolved.first+evolved.count {
			want = region(n)
		}
		if got, is := e.Labels["region"]; got != want || is != (want != "") {
			if wrong++; wrong <= 3 {
				t.Errorf("%s has the region %q, want %q", e.Line, got, want)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d regions are wrong", wrong)
	}
}

// While there is no registry the records wait: nothing is lost, given up or dead-lettered,
// the member stays in its group, and the log does not fill. Once it is there, all arrive.
func TestRegistryComesLater(t *testing.T) {
	k, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		registry := startRegistry(t)
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		k.CreateTopic(t, topic+".dead", 1)
		load := serialized{messages: messages{count: 2000}, format: "avro"}
		load.produce(t, k, registry, topic)
		arrived := arrivalOf(t, l, topic)
		address := fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t))
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: schemasOf(k, l, "avro", "http://"+address, topic,
			"on_error dead_letter", "dead_letter_topic "+topic+".dead",
			// A member that did not poll would be out of the group soon.
			"rdkafka.session.timeout.ms 6000", "rdkafka.max.poll.interval.ms 6000").String()})
		arrived.host = h
		h.WaitLog(t, `partitions assigned`, time.Minute)
		h.WaitLog(t, `\[ warn\].*:source\].*records wait for their schema.*`+regexp.QuoteMeta(address), time.Minute)
		// Two times of both timeouts.
		holds(t, 13*time.Second, func() error {
			if out := regexp.MustCompile(`.*(partitions revoked|did not poll in time).*`).FindString(h.Log()); out != "" {
				return fmt.Errorf("the member is out of its group: %s", out)
			}
			if committed := k.CommittedOffsets(t, topic, topic); countOf(committed) > 0 {
				return fmt.Errorf("committed: %v", committed)
			}
			return nil
		})
		if n := strings.Count(h.Log(), "records wait for their schema"); n != 1 {
			t.Errorf("%d lines tell of the registry within half a minute", n)
		}
		serveRegistry(t, registry, address)
		arrived.check(t, load.messages, 90*time.Second)
		h.WaitLog(t, `the schema registry answers again`, time.Minute)
		waitAllCommitted(t, k, topic, topic)
		if n := strings.Count(h.Log(), "partitions assigned"); n != 1 {
			t.Errorf("partitions were assigned %d times", n)
		}
		stop(t, h)
		if n := countOf(k.EndOffsets(t, topic+".dead")); n != 0 {
			t.Errorf("%d messages were dead-lettered", n)
		}
	})
}

// holds demands that something stays as it is for a while.
func holds(t *testing.T, d time.Duration, check func() error) {
	t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		if err := check(); err != nil {
			t.Fatal(err)
		}
		<-time.After(100 * time.Millisecond)
	}
}

// serveRegistry lets a registry answer at one more address.
func serveRegistry(t *testing.T, registry *schemaregistry.Server, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: registry.Handler, ReadHeaderTimeout: time.Minute}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // ends with Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
}

// notAvro are values that no serializer has written, with the id of a schema that there is.
func notAvro(id int) map[string][]byte {
	header := binary.BigEndian.AppendUint32([]byte{0}, uint32(id))
	return map[string][]byte{
		"key-text":        []byte("no avro"),
		"key-json":        []byte(`{"n":1}`),
		"key-nothing":     {},
		"key-magic":       {0},
		"key-no-payload":  header,
		"key-cut-off":     append(header[:5:5], 2, 20, 'a'),
		"key-trailing":    append(header[:5:5], []byte("\x02\x02a\x00\x02b\x02c\x01trailing")...),
		"key-unknown":     {0, 0x7f, 0xff, 0xff, 0xff, 2},
		"key-huge-string": append(header[:5:5], 2, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
	}
}

// Messages that are no Avro are kept as text or go to the dead letter topic, each with the
// reason, and the good ones around them arrive.
func TestNoAvro(t *testing.T) {
	k, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		registry := startRegistry(t)
		base := uniqueName(t)
		k.CreateTopic(t, base, 1)
		k.CreateTopic(t, base+".dead", 1)
		good := serialized{messages: messages{count: 500}, format: "avro"}
		good.produce(t, k, registry, base)
		bad := notAvro(1)
		produceByKey(t, k, base, bad)
		good.first = 500
		good.produce(t, k, registry, base)

		arrived := arrivalOf(t, l, base+"-letters")
		letters := schemasOf(k, l, "avro", registry.URL, base, "on_error dead_letter", "dead_letter_topic "+base+".dead")
		letters.labels = strings.Replace(letters.labels, "job="+base, "job="+arrived.job, 1)
		arrived.host = harness.StartHost(t, host, harness.HostConfig{Pipeline: letters.String()})
		arrived.check(t, messages{count: 1000}, time.Minute)
		waitAllCommitted(t, k, base, base)
		stop(t, arrived.host)
		found := map[string][]byte{}
		for _, m := range readAll(t, k, base+".dead") {
			for _, h := range m.Headers {
				if h.Key == "tidegate.reason" && string(h.Value) == "avro" {
					found[string(m.Key)] = m.Value
				}
			}
		}
		for key, value := range bad {
			if got, ok := found[key]; !ok || string(got) != string(value) {
				t.Errorf("the letter of %s is there: %v, with %q", key, ok, got)
			}
		}
		if len(found) != len(bad) {
			t.Errorf("%d letters, want %d", len(found), len(bad))
		}

		kept := arrivalOf(t, l, base+"-kept")
		keep := schemasOf(k, l, "avro", registry.URL, base)
		keep.group = base + "-kept"
		keep.labels = "job=" + kept.job + ",reason=@metadata['kafka']['reason']"
		kept.host = harness.StartHost(t, host, harness.HostConfig{Pipeline: keep.String()})
		kept.wait(t, 1000+len(bad), time.Minute)
		waitAllCommitted(t, k, keep.group, base)
		stop(t, kept.host)
		texts := 0
		for _, e := range kept.lines(t) {
			if e.Labels["reason"] == "avro" {
				texts++
			}
		}
		if texts != len(bad) {
			t.Errorf("%d messages were kept with the reason avro, want %d", texts, len(bad))
		}
	})
}

// produceByKey sends a message for each key.
func produceByKey(t *testing.T, k *harness.Kafka, topic string, values map[string][]byte) {
	t.Helper()
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "log_level": 0})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	reports := make(chan kafka.Event, len(values))
	for key, value := range values {
		m := &kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny}, Key: []byte(key), Value: value}
		if err := p.Produce(m, reports); err != nil {
			t.Fatal(err)
		}
	}
	for range values {
		if m := (<-reports).(*kafka.Message); m.TopicPartition.Error != nil {
			t.Fatal(m.TopicPartition.Error)
		}
	}
}
