package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// letterTarget is where an output brings the load below, and what it takes of it.
type letterTarget struct {
	// output are its lines in the configuration.
	output []string
	// odd makes records that the server takes nothing of; refused is why.
	odd     map[int]func(*oddRecord)
	refused map[int]refusal
	// labels are those of the letter, where the output has labels.
	labels string
	// stored is how often the server has each number.
	stored func(t *testing.T) map[int]int
}

// refusal is the reason of a letter, and a part of what the server said.
type refusal struct{ reason, text string }

// Records that Loki refuses, here with the output's own limits off, are letters; all others
// are stored.
func TestLettersOfLoki(t *testing.T) {
	lettersOfOutputs(t, func(t *testing.T, _ *harness.Kafka, topic string) letterTarget {
		_, l := servers(t)
		arrived := arrivalOf(t, l, topic)
		arrived.from = time.Now().Add(-9 * 24 * time.Hour)
		keys := "$service"
		for i := range 15 {
			keys += fmt.Sprintf(",$l%02d", i)
		}
		return letterTarget{
			output: []string{
				"Name tidegate_loki", "url " + l.URL, "labels job=" + topic, "label_keys " + keys,
				"max_label_names 0", "max_label_name_length 0", "max_label_value_length 0", "label_cardinality 0",
				"max_line_size 0", "max_structured_metadata_size 0", "max_structured_metadata_count 0",
				"max_age 0", "max_ahead 0", "out_of_order_window 0", "max_stream_rate 0",
			},
			odd: map[int]func(*oddRecord){
				100: func(r *oddRecord) {
					for i := range 15 {
						r.value[fmt.Sprintf("l%02d", i)] = "x"
					}
				},
				200: func(r *oddRecord) { r.time = r.time.Add(-8 * 24 * time.Hour) },
				300: func(r *oddRecord) { r.value["message"] = strings.Repeat("x", 300_000) },
			},
			refused: map[int]refusal{100: {"label_limit", "has 17 label names"}, 200: {"too_old", "has timestamp too old"}, 300: {"line_too_long", "max entry size"}},
			labels:  fmt.Sprintf("job=%q", topic),
			stored: func(t *testing.T) map[int]int {
				counts, err := l.Count(arrived.selector(), []string{"job"}, arrived.from, time.Now().Add(time.Second))
				if err != nil || counts[arrived.selector()] != oddLoad-3 {
					t.Errorf("counted %v, %v", counts, err)
				}
				got := map[int]int{}
				for _, e := range arrived.lines(t) {
					got[numberIn(t, []byte(e.Line))]++
				}
				return got
			},
		}
	})
}

// Records that a topic refuses, or the client, are letters; the others of their batches are
// there.
func TestLettersOfKafka(t *testing.T) {
	lettersOfOutputs(t, func(t *testing.T, k *harness.Kafka, topic string) letterTarget {
		to := topic + ".out"
		k.CreateTopicWith(t, to, 3, map[string]string{"max.message.bytes": "20000", "message.timestamp.before.max.ms": "3600000"})
		return letterTarget{
			output: []string{
				"Name tidegate_kafka", "brokers " + k.Brokers(), "topic " + to, "rdkafka.batch.size 10000", "rdkafka.message.max.bytes 100000",
			},
			odd: map[int]func(*oddRecord){
				100: func(r *oddRecord) { r.value["message"] = strings.Repeat("x", 30_000) },
				200: func(r *oddRecord) { r.time = r.time.Add(-8 * 24 * time.Hour) },
				300: func(r *oddRecord) { r.value["message"] = strings.Repeat("x", 200_000) },
			},
			refused: map[int]refusal{
				100: {"too_large", to + ": Broker: Message size too large"},
				200: {"invalid_timestamp", to + ": Broker: Invalid timestamp"},
				300: {"too_large", to + ": Broker: Message size too large"},
			},
			stored: func(t *testing.T) map[int]int {
				got := map[int]int{}
				for _, m := range readAll(t, k, to) {
					got[numberIn(t, m.Value)]++
				}
				return got
			},
		}
	})
}

// Logs that LogTide refuses are letters, found among the others by halves.
func TestLettersOfLogTide(t *testing.T) {
	lettersOfOutputs(t, func(t *testing.T, _ *harness.Kafka, _ string) letterTarget {
		return poisoned(startPoisoned(t))
	})
}

// poisonedServer is a LogTide that refuses logs which today's takes: the output sends nothing
// that breaks a rule of that.
type poisonedServer struct {
	*httptest.Server
	requests atomic.Int64
}

func startPoisoned(t *testing.T) (*poisonedServer, *logtide.Handler) {
	t.Helper()
	const words = `{"error":"Validation error","details":[{"path":["logs",0,"message"],"message":"is poison"}]}`
	inner, server := logtide.New(), &poisonedServer{}
	server.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		server.requests.Add(1)
		body, err := io.ReadAll(req.Body)
		if err != nil || bytes.Contains(body, []byte("poison")) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, words) // the client may be gone
			return
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		inner.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	return server, inner
}

func poisoned(server *poisonedServer, inner *logtide.Handler) letterTarget {
	poison := func(r *oddRecord) { r.value["message"] = "poison" }
	why := refusal{"refused", "is poison"}
	return letterTarget{
		output:  []string{"Name tidegate_logtide", "url " + server.URL, "api_key " + logtide.DefaultKey},
		odd:     map[int]func(*oddRecord){0: poison, 200: poison, 999: poison},
		refused: map[int]refusal{0: why, 200: why, 999: why},
		stored:  func(*testing.T) map[int]int { return inner.Numbers("n") },
	}
}

// lettersOfOutputs brings 1,000 records from Kafka to an output, with its letters in a file
// and in a topic, and demands each good one once at its server, a letter of each other one,
// and that the group has committed all of them.
func lettersOfOutputs(t *testing.T, target func(t *testing.T, k *harness.Kafka, topic string) letterTarget) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for _, in := range []string{"file", "topic"} {
			t.Run(in, func(t *testing.T) {
				topic := uniqueName(t)
				k.CreateTopic(t, topic, 4)
				to := target(t, k, topic)
				places := produceLoad(t, k, topic, to.odd)
				path, letters := filepath.Join(t.TempDir(), "dead.jsonl"), "dead_letter_path "
				if in == "topic" {
					k.CreateTopic(t, topic+".dead", 2)
					letters = fmt.Sprintf("dead_letter_brokers %s\n    dead_letter_topic ", k.Brokers())
					path = topic + ".dead"
				}
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipelineTo(k, topic, append(to.output, letters+path))})
				waitAllCommitted(t, k, topic, topic)
				stop(t, h)
				checkCommitted(t, k, topic, topic)
				to.checkStored(t)
				if in == "topic" {
					to.check(t, topic, places, lettersInTopic(t, k, path))
				} else {
					to.check(t, topic, places, lettersInFile(t, path))
				}
			})
		}
	})
}

// pipelineTo is from a topic to an output.
func pipelineTo(k *harness.Kafka, topic string, output []string) string {
	return "[INPUT]\n    Name tidegate_kafka\n    brokers " + k.Brokers() + "\n    topics " + topic + "\n    group_id " + topic +
		"\n    topic_tag kafka.$topic\n    commit_interval 200ms\n[OUTPUT]\n    " + strings.Join(output, "\n    ") +
		"\n    Alias target\n    Match kafka.*\n    Retry_Limit no_limits\n"
}

// checkStored demands each record once that is not refused.
func (l *letterTarget) checkStored(t *testing.T) {
	t.Helper()
	got := l.stored(t)
	for n := range oddLoad {
		want := 1
		if _, is := l.refused[n]; is {
			want = 0
		}
		if got[n] != want {
			t.Errorf("record %d is stored %d times, want %d", n, got[n], want)
		}
	}
}

// check demands a letter of each record that is refused, with all that it tells, and no other.
func (l *letterTarget) check(t *testing.T, topic string, places map[int]oddPlace, letters []outputLetter) {
	t.Helper()
	wanted := maps.Clone(l.refused)
	for _, letter := range letters {
		n := numberIn(t, letter.value)
		want, is := wanted[n]
		if delete(wanted, n); !is {
			t.Errorf("a letter of record %d: %.200s", n, letter.headers)
			continue
		}
		from := places[n]
		for name, value := range map[string]string{
			"reason": want.reason, "instance": "target", "tag": "kafka." + topic, "topic": topic,
			"partition": fmt.Sprint(from.partition), "offset": fmt.Sprint(from.offset), "time": from.time.UTC().Format(time.RFC3339Nano),
		} {
			if letter.headers[name] != value {
				t.Errorf("letter of record %d: %s is %q, want %q", n, name, letter.headers[name], value)
			}
		}
		if !strings.Contains(letter.headers["error"], want.text) || !strings.Contains(letter.headers["labels"], l.labels) {
			t.Errorf("letter of record %d: %v, want %q and labels with %s", n, letter.headers, want.text, l.labels)
		}
		if !sameJSON(letter.value, from.value) {
			t.Errorf("letter of record %d has %.200s, want %.200s", n, letter.value, from.value)
		}
	}
	if len(wanted) > 0 {
		t.Errorf("no letters of %v", wanted)
	}
}

// sameJSON tells whether two texts are the same to a reader of JSON.
func sameJSON(a, b []byte) bool {
	var values [2]map[string]any
	return json.Unmarshal(a, &values[0]) == nil && json.Unmarshal(b, &values[1]) == nil && fmt.Sprint(values[0]) == fmt.Sprint(values[1])
}
