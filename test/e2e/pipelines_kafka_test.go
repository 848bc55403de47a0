package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// categories are those that the load of kafka-to-kafka names, and the topic that each is to
// be found in. The list of allowed topics holds back the last but one; the last is a record
// without a category.
var categories = []struct{ name, topic string }{
	{"application", "application"},
	{"infrastructure", "infrastructure"},
	{"security", "security"},
	{"secret", "other"},
	{"", "other"},
}

// sorted is the load of kafka-to-kafka.
func sorted(count int) string {
	var b strings.Builder
	for n := range count {
		fmt.Fprintf(&b, `{"n":%d,"service":"s%d"`, n, n%7)
		if c := categories[n%len(categories)].name; c != "" {
			fmt.Fprintf(&b, `,"category":%q`, c)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// Each record is in the topic of its category, once, with its service as the key.
func TestPipelineKafkaToKafka(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachReady(t, "kafka-to-kafka", func(t *testing.T, r ready) {
		from := uniqueName(t)
		targets := []string{"application", "infrastructure", "security", "other"}
		k.CreateTopic(t, from, 4)
		for _, topic := range targets {
			k.CreateTopic(t, from+"."+topic, 3)
		}
		client.Produce(t, from, sorted(pipelineLoad))
		h := r.start(t, map[string]string{
			"KAFKA_BROKERS": k.Brokers(), "KAFKA_TOPICS": from, "KAFKA_GROUP": from,
			"TARGET_BROKERS": k.Brokers(), "TARGET_PREFIX": from,
		})
		topics := make([]string, len(targets))
		for i, topic := range targets {
			topics[i] = from + "." + topic
		}
		waitProduced(t, k, h, pipelineLoad, topics...)
		stop(t, h)
		got := make(numbers, pipelineLoad)
		for _, topic := range targets {
			checkSorted(t, got, topic, client.Consume(t, from+"."+topic, "%k\t%s\n"))
		}
		got.once(t)
		checkCommitted(t, k, from, from)
	})
}

// checkSorted adds the messages of one target topic and looks at their place and key.
func checkSorted(t *testing.T, got numbers, topic string, lines []string) {
	t.Helper()
	if len(lines) == 0 {
		t.Errorf("topic of %s: empty", topic)
	}
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "\t")
		if err := got.add(value); err != nil {
			t.Fatal(err)
		}
		_, number, _ := strings.Cut(value, `"n":`)
		var n int
		if _, err := fmt.Sscanf(number, "%d", &n); err != nil {
			t.Fatalf("reading the number of %s: %v", value, err)
		}
		if want := categories[n%len(categories)].topic; want != topic {
			t.Fatalf("%s is in the topic of %s, not of %s", value, topic, want)
		}
		if want := fmt.Sprintf("s%d", n%7); key != want {
			t.Fatalf("%s has the key %q, not %q", value, key, want)
		}
	}
}

// waitProduced waits until topics hold at least so many messages together.
func waitProduced(t *testing.T, k *harness.Kafka, h *harness.Host, count int, topics ...string) {
	t.Helper()
	harness.Eventually(t, 2*time.Minute, "messages in Kafka", func() error {
		total := 0
		for _, topic := range topics {
			for _, end := range k.EndOffsets(t, topic) {
				total += int(end)
			}
		}
		if total >= count {
			return nil
		}
		err := fmt.Errorf("%d of %d messages are there", total, count)
		if h.Exited() {
			return harness.Hopeless{Err: fmt.Errorf("%w, and the host has ended", err)}
		}
		return err
	})
}
