package e2e_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// printed is an event as the built-in output stdout prints it.
type printed struct {
	n      int    // of its key
	reason string // of its metadata
	record string
}

var (
	printedKey    = regexp.MustCompile(`"key"=>"n-(\d+)"`)
	printedReason = regexp.MustCompile(`"reason"=>"(\w+)"`)
)

// printedEvents reads them out of a log.
func printedEvents(log string) (events []printed) {
	for line := range strings.Lines(log) {
		metadata, record, ok := strings.Cut(line, "}], ")
		key := printedKey.FindStringSubmatch(metadata)
		if !ok || key == nil {
			continue
		}
		e := printed{record: strings.TrimSuffix(strings.TrimSpace(record), "]")}
		e.n, _ = strconv.Atoi(key[1])
		if reason := printedReason.FindStringSubmatch(metadata); reason != nil {
			e.reason = reason[1]
		}
		events = append(events, e)
	}
	return events
}

// waitPrinted returns the events once there are so many.
func waitPrinted(t *testing.T, h *harness.Host, want int) []printed {
	t.Helper()
	var events []printed
	harness.Eventually(t, time.Minute, "printed events", func() error {
		if events = printedEvents(h.Log()); len(events) < want {
			return fmt.Errorf("%d of %d are there", len(events), want)
		}
		return nil
	})
	return events
}

// Every hostile message comes through a real Fluent Bit, by number, with its reason, and no
// good one beside it is lost: also where filters walk over the records and nest them deeper.
func TestHostileMessages(t *testing.T) {
	k, err := kafkaOnce()
	if err != nil {
		t.Fatal(err)
	}
	harness.Watch(t, k)
	topic := uniqueName(t)
	k.CreateTopic(t, topic, 1)
	odd := oddMessages()
	count := produceOdd(t, k, topic, odd, goodJSON)
	reasons := map[string]int{}
	for _, m := range odd {
		reasons[m.reason]++
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		port := harness.FreePort(t)
		h := harness.StartHost(t, host, harness.HostConfig{
			Service: map[string]string{"http_server": "on", "http_listen": "127.0.0.1", "http_port": strconv.Itoa(port)},
			Pipeline: input(k, topic, uniqueName(t), "alias source", "tombstones keep", fmt.Sprintf("max_message_bytes %d", longest), "payload_key p") + `
[FILTER]
    Name       nest
    Match      *
    Operation  nest
    Wildcard   p
    Nest_under q
[FILTER]
    Name       modify
    Match      *
    Add        filtered yes
[OUTPUT]
    Name   stdout
    Match  *
`})
		events := waitPrinted(t, h, count)
		url := fmt.Sprintf("http://127.0.0.1:%d/api/v2/metrics/prometheus", port)
		for _, reason := range []string{"json", "too_deep", "too_many_members", "too_large", "time"} {
			series := `tidegate_kafka_input_malformed_messages_total{name="source",reason="` + reason + `"}`
			harness.Eventually(t, 30*time.Second, series, func() error {
				got, err := harness.Sample(url, series)
				if err == nil && int(got) != reasons[reason] {
					err = fmt.Errorf("%v, want %d", got, reasons[reason])
				}
				return err
			})
		}
		stop(t, h)
		for _, e := range events {
			if !strings.HasPrefix(e.record, `{"filtered"=>"yes", "q"=>{"p"=>`) && !strings.HasPrefix(e.record, `{"q"=>{"p"=>`) {
				t.Errorf("message %d: the filters did not take it: %.100s", e.n, e.record)
			}
		}
		checkOdd(t, odd, events, func(record string) string {
			// The payload of a text stands under p here, where it else is under message.
			return strings.TrimSuffix(strings.TrimPrefix(record, `{"message"=>`), "}")
		})
		if strings.Contains(h.Log(), "decoder error") {
			t.Error("Fluent Bit could not decode a chunk")
		}
	})
}

// The same messages at the top level, and dropped.
func TestHostileMessagesAtTop(t *testing.T) {
	k, err := kafkaOnce()
	if err != nil {
		t.Fatal(err)
	}
	harness.Watch(t, k)
	topic := uniqueName(t)
	k.CreateTopic(t, topic, 1)
	odd := oddMessages()
	count := produceOdd(t, k, topic, odd, goodJSON)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		keep := harness.StartHost(t, host, harness.HostConfig{
			Pipeline: input(k, topic, uniqueName(t), "tombstones keep", fmt.Sprintf("max_message_bytes %d", longest)) + "\n[OUTPUT]\n    Name stdout\n    Match *\n",
		})
		checkOdd(t, odd, waitPrinted(t, keep, count), nil)
		stop(t, keep)

		group := uniqueName(t)
		drop := harness.StartHost(t, host, harness.HostConfig{
			Pipeline: input(k, topic, group, "on_error drop", fmt.Sprintf("max_message_bytes %d", longest)) + "\n[OUTPUT]\n    Name stdout\n    Match *\n",
		})
		sound := 0
		for _, m := range odd {
			if m.reason == "" && m.value != nil {
				sound++
			}
		}
		sound += len(odd) + 1
		for _, e := range waitPrinted(t, drop, sound) {
			if e.n%2 == 1 && odd[e.n/2].reason != "" {
				t.Errorf("message %d, %s, was to be dropped", e.n, odd[e.n/2].name)
			}
		}
		stop(t, drop)
		if got := len(printedEvents(drop.Log())); got != sound {
			t.Errorf("%d events, want %d", got, sound)
		}
		checkCommitted(t, k, group, topic)
	})
}

// Msgpack that no JSON could be comes through the filters that walk over records and the
// outputs that write JSON of them.
func TestHostileMsgpack(t *testing.T) {
	k, err := kafkaOnce()
	if err != nil {
		t.Fatal(err)
	}
	harness.Watch(t, k)
	topic := uniqueName(t)
	k.CreateTopic(t, topic, 1)
	odd := oddMsgpack()
	count := produceOdd(t, k, topic, odd, goodMsgpack)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		dir := t.TempDir()
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: input(k, topic, uniqueName(t), "format msgpack", "tombstones keep") + `
[FILTER]
    Name       modify
    Match      *
    Add        filtered yes
[FILTER]
    Name       record_modifier
    Match      *
    Remove_key filtered
[FILTER]
    Name       grep
    Match      *
    Exclude    none .
[OUTPUT]
    Name   stdout
    Match  *
[OUTPUT]
    Name   file
    Match  *
    Path   ` + dir + `
    File   records
    Format plain
`})
		events := waitPrinted(t, h, count)
		stop(t, h)
		checkOdd(t, odd, events, nil)
		if got := len(fileLines(dir, "records")); got != count {
			t.Errorf("%d records in the file, want %d", got, count)
		}
	})
}

// checkOdd demands each message once, with its reason and its record.
func checkOdd(t *testing.T, odd []oddMessage, events []printed, edit func(record string) string) {
	t.Helper()
	seen := map[int]int{}
	for _, e := range events {
		seen[e.n]++
		want, reason, name := fmt.Sprintf(`{"good"=>%d}`, e.n), "", "good"
		if e.n%2 == 1 {
			m := odd[e.n/2]
			want, reason, name = m.record, m.reason, m.name
		}
		if edit != nil {
			want = edit(want)
		}
		if e.reason != reason || !strings.Contains(e.record, want) {
			t.Errorf("message %d, %s: reason %q, want %q\n got %.300s\nwant %.300s", e.n, name, e.reason, reason, e.record, want)
		}
	}
	for n := range 2*len(odd) + 1 {
		if seen[n] != 1 {
			t.Errorf("message %d is there %d times", n, seen[n])
		}
	}
}

// input is an [INPUT] section of tidegate_kafka with further lines, for built-in outputs.
func input(k *harness.Kafka, topic, group string, lines ...string) string {
	return "[INPUT]\n    Name tidegate_kafka\n    commit appended\n    brokers " + k.Brokers() + "\n    topics " + topic + "\n    group_id " + group +
		"\n    " + strings.Join(lines, "\n    ") + "\n"
}
