package outloki

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// oddTexts are what breaks encoders, and what a server gets of them.
var oddTexts = map[string]string{
	"say \"hi\"\\":                        "say \"hi\"\\",
	"two\nlines\r\n\t":                    "two\nlines\r\n\t",
	"nul\x00byte":                         "nul\x00byte",
	"\xff\xfe wrong \xe2":                 "\uFFFD\uFFFD wrong \uFFFD",
	"emoji 😀 👩‍👩‍👧":                       "emoji 😀 👩‍👩‍👧",
	"{}=,;'`$TAG@":                        "{}=,;'`$TAG@",
	"\u2028\u007f\u0085":                  "\u2028\u007f\u0085",
	"x" + strings.Repeat("long ", 20_000): "x" + strings.Repeat("long ", 20_000),
}

// What is odd in a text is the same in a label, in metadata, in a raw line and in
// a path into text, and only what is no UTF-8 is replaced, in a label by ?.
func TestOddTexts(t *testing.T) {
	for text, want := range oddTexts {
		data := appendRecord(nil, 1, "v", text)
		pushes := flushed(t, "", data, "labels=v=$v", "structured_metadata=v=$v", "line_format=raw", "line_key=v")
		got := pushes[0][0]
		if labels := fmt.Sprintf("{v=%q}", strings.ReplaceAll(want, "\uFFFD", "?")); got.labels != labels || got.lines[0].text != want || got.lines[0].metadata != "v="+want+";" {
			t.Errorf("%.40q: got %.100s, %.100q", text, got.labels, got.lines[0].text)
		}
	}
}

func TestOddKeys(t *testing.T) {
	body := chunk.AppendEventHeader(nil, 1, 0)
	body = chunk.AppendMapHeader(chunk.AppendMapHeader(body, 0), 1)
	body = chunk.AppendMapHeader(chunk.AppendString(body, "m"), 5)
	for i, key := range []string{"", "é😀", "\xff", "a\x00b", "1"} {
		body = chunk.AppendInt(chunk.AppendString(body, key), int64(i))
	}
	got := flushed(t, "", body, "structured_metadata_map_keys=m", "labels=a=b")[0][0].lines[0]
	if want := "_=0;__=1;__2=2;a_b=3;_1=4;"; got.metadata != want {
		t.Errorf("got %s, want %s", got.metadata, want)
	}
}

// Keys that all make one name get names of their own, in a time that grows with
// their number and not with its square.
func TestKeysOfOneName(t *testing.T) {
	const keys = 20_000
	var record strings.Builder
	record.WriteString(`{"n":1,"m":{`)
	for i := range keys {
		fmt.Fprintf(&record, `"%s":%d,`, strings.NewReplacer("0", ".", "1", "-").Replace(fmt.Sprintf("%016b", i)), i)
	}
	text := strings.TrimSuffix(record.String(), ",") + `}}`
	data := chunkOf(text, `{"n":2,"m":{"a.b":1}}`, strings.NewReplacer(`"n":1,`, `"n":3,`, `"m":`, `"kubernetes":{"labels":`).Replace(text)+"}")
	lines := map[string]line{}
	labels := 0
	start := time.Now()
	for _, push := range flushed(t, "", data, "structured_metadata_map_keys=m", "auto_kubernetes_labels=on") {
		for _, s := range push {
			for _, l := range s.lines {
				lines[l.text[:6]] = l
			}
			labels = max(labels, strings.Count(s.labels, `="`))
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	got := lines[`{"n":1`].metadata
	if strings.Count(got, ";") != keys || !strings.HasPrefix(got, "________________=0;_________________2=1;") {
		t.Errorf("%d pairs: %.200s", strings.Count(got, ";"), got)
	}
	if got := lines[`{"n":2`].metadata; got != "a_b=1;" {
		t.Errorf("the next has %.100s", got)
	}
	if labels != keys {
		t.Errorf("%d labels", labels)
	}
}

func TestTenThousandStreams(t *testing.T) {
	const streams, records = 10_000, 20_000
	var data []byte
	for i := range records {
		n := i * 7919 % streams
		data = appendRecord(data, int64(i), "log", fmt.Sprintf(`{"id":"value %d","tenant":"t%d"}`, n, n%3))
	}
	seen := map[string]int{}
	for _, push := range flushed(t, "", data, "labels=id=$log['id']", "tenant_id_key=$log['tenant']", "structured_metadata=t=$log['tenant']") {
		for _, s := range push {
			seen[s.labels] += len(s.lines)
		}
	}
	for labels, n := range seen {
		if n != records/streams {
			t.Fatalf("%s has %d records", labels, n)
		}
	}
	if len(seen) != streams {
		t.Errorf("%d streams", len(seen))
	}
}

// Whatever a configuration takes from records, the number of allocations is not
// that of the records.
func TestNothingAllocatesPerRecord(t *testing.T) {
	record := func(i int) string {
		return fmt.Sprintf(`{"log":"{\"level\":\"WARN\",\"msg\":\"handled\\n request %d\",\"id\":\"a\"}","n":%d,"t":"one","kubernetes":{"labels":{"app":"x","a.b":"y"},"pod_name":"p"}}`, i, i)
	}
	for i, settings := range [][]string{
		{"labels=$log['level'],x=$log['id']/$t", "normalize_level=on"},
		{"labels=$t", "structured_metadata=$n,id=$log['id']-$TAG,$log['level']", "normalize_level=on", "line_format=raw", "line_key=$log['msg']"},
		{"auto_kubernetes_labels=on", "structured_metadata_map_keys=$kubernetes['labels'],$kubernetes", "line_format=logfmt", "remove_keys=$kubernetes['labels'],t"},
		{"labels=$t", "tenant_id_key=$t", "line_format=template", "line_template=$log['msg'] $n $TAG $kubernetes", "trace_id=$n"},
		{"labels=$t", "remove_label_keys=on", "remove_keys=kubernetes,log", "drop_single_key=raw"},
	} {
		p, limits := planOf(t, settings...)
		b, m, k := newBatch(p), newMemory(limits), &packer{}
		labels := &labelLimits{limits: limits, budget: newCardinality(limits, slog.New(slog.DiscardHandler), nil)}
		count := func(records int) float64 {
			var texts []string
			for i := range records {
				texts = append(texts, record(i))
			}
			data := chunkOf(texts...)
			encode := func() {
				if readWith(b, data, limits, labels, time.Unix(10, 0)); len(b.entries) != records {
					t.Fatalf("%d of %d records", len(b.entries), records)
				}
				for _, p := range pushesOf(b, m, maxBatchSize) {
					k.pack(b, p.entries)
				}
				b.reset()
			}
			encode()
			return testing.AllocsPerRun(5, encode)
		}
		few, many := count(100), count(2000)
		// The race detector makes pools forget.
		if many > few+20 {
			t.Errorf("configuration %d: %v allocations for 100 records, %v for 2000", i, few, many)
		}
	}
}
