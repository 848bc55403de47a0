package outloki

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/jsonpack"
	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
)

// everything is a configuration with something of each kind to explain.
var everything = []string{
	"labels=job=x,user=$user", "auto_kubernetes_labels=on", "structured_metadata=pod=$kubernetes['pod_name']",
	"structured_metadata_map_keys=$kubernetes['annotations']", "trace_id=$log['trace']", "tenant_id_key=team", "label_cardinality=3",
	"max_label_names=3", "max_line_size=300", "max_structured_metadata_count=3",
}

func inspectedChunk(n int, at time.Time) (data []byte) {
	for i := range n {
		data = appendJSON(data, at.UnixNano()+int64(i), `{}`, fmt.Sprintf(`{"user":"u%d","team":"t%d","log":"{\"trace\":\"0af%d\",\"m\":\"%s\"}",`+
			`"kubernetes":{"pod_name":"p","labels":{"app":"a","app.x":"b","app_x":"c"},"annotations":{"a":1,"b":2,"c":3}}}`, i%7, i%3, i, strings.Repeat("m", i*10)))
	}
	return data
}

// With inspect on the same is sent, and counted, as without.
func TestInspectChangesNothing(t *testing.T) {
	now := time.Now()
	pushed := map[string][][]stream{}
	var counts []string
	for _, inspect := range []string{"off", "on"} {
		server := startLoki(t, always(204, ""))
		o, _ := newLimitedOutput(t, append([]string{"url=" + server.URL, "parallel=1", "inspect=" + inspect}, everything...)...)
		o.now = func() time.Time { return now }
		for _, tag := range []string{"a", "b", "a"} {
			if r := o.Flush(t.Context(), tag, inspectedChunk(30, now)); r != plugin.OK {
				t.Fatal(r)
			}
		}
		pushed[inspect] = server.pushes
		demoted, err := o.report.demoted.GetMetricWithLabelValues("user")
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, fmt.Sprint(metric.Sum(o.report.counts.Delivered), o.report.changed.Total(), o.report.changed.Records(lineCut), metric.Sum(demoted), len(o.labels.budget.labels["user"].seen)))
	}
	if len(pushed["on"]) == 0 || !reflect.DeepEqual(pushed["on"], pushed["off"]) {
		t.Errorf("got %v\nwant %v", pushed["on"], pushed["off"])
	}
	if counts[0] != counts[1] {
		t.Errorf("counted %s without, %s with inspect", counts[0], counts[1])
	}
}

// inspected are the lines of a log, without the time and the level.
func inspected(log *logBuffer) (lines []string) {
	for line := range strings.Lines(log.String()) {
		if _, text, is := strings.Cut(line, `msg="inspect `); is {
			lines = append(lines, strings.TrimSuffix(strings.TrimSpace(text), `"`))
		}
	}
	return lines
}

func TestInspectLogs(t *testing.T) {
	server := startLoki(t, always(204, ""))
	o, log := newTestOutput(t, "url="+server.URL, "labels=job=x", "label_keys=n", "inspect=on")
	var records []string
	for i := range 9 {
		records = append(records, fmt.Sprintf(`{"n":%d}`, i))
	}
	if !strings.Contains(log.String(), "level=WARN msg=\"inspect is on: contents of records are written to this log, of the first 5 of each tag\"") {
		t.Errorf("logged %s", log)
	}
	o.Flush(t.Context(), "a\x1b", chunkOf(records[:3]...))
	o.Flush(t.Context(), "a\x1b", chunkOf(records[:3]...)) // as for a retry
	o.Flush(t.Context(), "a\x1b", chunkOf(records[3:]...))
	o.Flush(t.Context(), "b", chunkOf(records...))
	lines := inspected(log)[1:] // the warning
	const perRecord = 5
	if len(lines) != 2*inspectedRecords*perRecord {
		t.Fatalf("%d lines: %s", len(lines), strings.Join(lines, "\n"))
	}
	for i, want := range []string{
		`a\\x1b #4: record {\"n\":3}`, `a\\x1b #4: time 1970-01-01T00:00:01Z`, `a\\x1b #4: label job=\"x\" from \"x\" (labels)`,
		`a\\x1b #4: label n=\"3\" from n (label_keys)`, `a\\x1b #4: line {\"n\":3} from json (line_format)`, `a\\x1b #5: record {\"n\":4}`,
	} {
		if got := lines[3*perRecord+i]; got != want {
			// The order of labels is that of their names.
			t.Errorf("line %d: got %s, want %s", i, got, want)
		}
	}
}

func TestInspectTagsAreBounded(t *testing.T) {
	server := startLoki(t, always(204, ""))
	o, log := newTestOutput(t, "url="+server.URL, "inspect=on")
	for range 2 {
		for i := range 2 * inspectedTags {
			o.Flush(t.Context(), fmt.Sprint("tag", i), chunkOf(fmt.Sprintf(`{"at":%q}`, time.Now())))
		}
	}
	text := log.String()
	if n := strings.Count(text, ": record "); n != 2*inspectedTags {
		t.Errorf("%d records", n)
	}
	if n := strings.Count(text, "inspect: there are more than 100 tags, records of further ones are not shown"); n != 1 {
		t.Errorf("said %d times that there are more", n)
	}
}

// What makes no entry is explained too, and what an operator did not ask for is
// not made.
func TestInspectRejected(t *testing.T) {
	server := startLoki(t, always(204, ""))
	o, log := newTestOutput(t, "url="+server.URL, "tenant_id_key=team", "inspect=on")
	o.Flush(t.Context(), "tag", chunkOf(`{"team":"a b"}`))
	if !strings.Contains(log.String(), "inspect tag #1: rejected bad_tenant: finding the tenant") {
		t.Errorf("logged %s", log)
	}
	if o, _ := newTestOutput(t, "url="+server.URL); o.inspect != nil {
		t.Error("an inspector without inspect")
	}
}

// What records hold breaks no explanation, and no line of a log.
func FuzzExplain(f *testing.F) {
	f.Add(`{"user":"a","log":"{\"trace\":\"x\"}","kubernetes":{"labels":{"a":"b"},"annotations":{"c":[1,{}]}}}`, `{"x":"y"}`, "tag", int64(5))
	f.Add(`{"kubernetes":{"labels":{"":"b","\u0000":null,"a=b":"3=x"},"annotations":{"pod":1,"pod ":2}},"level":"WARN"}`, `{}`, "\x1b.\xff", int64(1e18))
	f.Add(`{"user":"`+strings.Repeat("ü", 5000)+`"}`, `{}`, "", time.Now().UnixNano())
	c := NewConfig()
	if err := parse(c, append([]string{"url=http://loki", "normalize_level=on", "max_label_value_length=100"}, everything...)...); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, metadata, tag string, at int64) {
		if !isObject(body) || !isObject(metadata) {
			return
		}
		x, err := c.NewInspector()
		if err != nil {
			t.Fatal(err)
		}
		then := time.Unix(0, max(at, 0)%(1<<31*int64(time.Second)))
		e := x.Explain(tag, oneEvent(t, then, metadata, body), time.Now())
		for _, r := range e.rows(loggedRecord, loggedValue) {
			if text := r.head + r.text + r.from; strings.ContainsAny(text, "\n\r\x00\x1b") || len(text) > 4000 {
				t.Fatalf("a row is %q", text)
			}
		}
		for _, x := range append(e.Labels, e.Metadata...) {
			if x.From == "" || strings.HasPrefix(x.From, " (") || strings.HasPrefix(x.From, ",") {
				t.Fatalf("%s is from %q", x.Name, x.From)
			}
		}
	})
}

func isObject(text string) bool {
	packed, kind, err := jsonpack.New().Append(nil, []byte(text))
	return err == nil && kind == jsonpack.Object && len(packed) > 0
}
