package office

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/jsonpack"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
)

func pluginHost(t *testing.T) plugin.Host {
	t.Helper()
	return plugin.Host{Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry()}
}

// pack returns the msgpack of JSON.
func pack(t *testing.T, text string) []byte {
	t.Helper()
	b, _, err := jsonpack.New().Append(nil, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A letter tells where tidegate_kafka read the record, in whichever place that
// stands, and has the record as it was before it came there.
func TestLetter(t *testing.T) {
	origin := `{"topic":"orders","partition":3,"offset":42}`
	f := func(metadata, body, value, topic string, partition int32, offset int64) {
		t.Helper()
		ev := chunk.Event{Time: 5e9, Metadata: pack(t, metadata), Body: pack(t, body)}
		l := letter(&ev, "the.tag", "bad", &reasons.Example{Status: 400, Labels: `{a="b"}`, Text: "words"})
		if l.Reason != "bad" || l.Text != "words" || l.Tag != "the.tag" || l.Labels != `{a="b"}` || !l.Time.Equal(time.Unix(5, 0)) || l.Key != nil {
			t.Errorf("got %+v", l)
		}
		if string(l.Value) != value || l.Topic != topic || l.Partition != partition || l.Offset != offset {
			t.Errorf("%s %s: got %s of %s/%d/%d", metadata, body, l.Value, l.Topic, l.Partition, l.Offset)
		}
	}
	f(`{}`, `{"m":"text"}`, `{"m":"text"}`, "", 0, -1)
	f(`{"kafka":`+origin+`}`, `{"m":"text"}`, `{"m":"text"}`, "orders", 3, 42)
	f(`{}`, `{"m":"text","tidegate_origin":`+origin+`}`, `{"m":"text"}`, "orders", 3, 42)
	f(`{"kafka":{"topic":"other","partition":1,"offset":2}}`, `{"tidegate_origin":`+origin+`}`, `{}`, "other", 1, 2)
	f(`{"kafka":{"topic":"other"}}`, `{}`, `{}`, "", 0, -1)
	f(`{"kafka":{"topic":"other","partition":"x","offset":2}}`, `{}`, `{}`, "", 0, -1)
	f(`{"kafka":{"topic":null,"partition":1,"offset":2}}`, `{}`, `{}`, "", 0, -1)

	// One that is no JSON is kept as it is.
	deep := "\x81\xa4line" + strings.Repeat("\x91", 200) + "\xc0"
	if l := letter(&chunk.Event{Body: []byte(deep)}, "", "", &reasons.Example{}); string(l.Value) != deep {
		t.Errorf("got %q", l.Value)
	}
	// Kafka's words do not name the topic.
	if l := letter(&chunk.Event{Body: pack(t, `{}`)}, "", "", &reasons.Example{Topic: "logs", Text: "too large"}); l.Text != "logs: too large" {
		t.Errorf("got %q", l.Text)
	}
}

// An office by its options counts letters by every reason of the output.
func TestFrom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	c := deadletter.NewConfig()
	err := c.Options().Parse(func(name string) (string, bool) { return path, name == "dead_letter_path" })
	if err != nil {
		t.Fatal(err)
	}
	host := pluginHost(t)
	o, err := From(&c, host, "tidegate_test", numReasons, deadletter.Cluster{}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var counted reasons.Sums[reason]
	data := numbered(3)
	if !o.Open("tag", data).Post(t.Context(), "tag", data, of(worse, 2), &counted) || o.Close() != 0 {
		t.Error("a letter is left")
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), `"reason":"worse"`) || !strings.Contains(string(text), `"value":"{\"n\":\"2\"}"`) {
		t.Errorf("%s, %v", text, err)
	}
	err = testutil.GatherAndCompare(host.Metrics.(prometheus.Gatherer), strings.NewReader(`
# HELP tidegate_test_dead_letters_total Records that the dead letter topic or file has.
# TYPE tidegate_test_dead_letters_total counter
tidegate_test_dead_letters_total{reason="bad"} 0
tidegate_test_dead_letters_total{reason="worse"} 1
`), "tidegate_test_dead_letters_total")
	if err != nil {
		t.Error(err)
	}
}
