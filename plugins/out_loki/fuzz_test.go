package outloki

import (
	"encoding/json"
	"log/slog"
	"os"
	"strconv"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/labels"
)

// fuzzed are configurations that use everything, by a number.
var fuzzed = [][]string{
	{"labels=x=y,$TAG,$nested['a'][2]", "label_keys=deviceid,app,n", "remove_keys=m"},
	{"labels=$log['a'],b=$log['b'][0]/$n,$level", "line_format=logfmt", "remove_keys=m,$nested['a']", "normalize_level=on", "tenant_id_key=$t", "drop_single_key=on"},
	{"auto_kubernetes_labels=on", "line_format=raw", "line_key=$log", "structured_metadata=$n,a=$a-$TAG", "structured_metadata_map_keys=$nested,$kubernetes['labels'],$log['m'],$m", "tenant_id=a"},
	{
		"label_keys=a", "line_format=template", "line_template=$log['a']: $message $nested $TAG[1] @metadata['x']", "trace_id=@metadata['otlp']['trace_id'],$log['t']", "span_id=$b",
		"structured_metadata_map_keys=@resource['attributes'],@metadata['otlp']", "tenant_id_key=x-$nested['t']", "default_labels=t=$TAG", "normalize_level=on",
	},
	{"labels=$a", "remove_label_keys=on", "drop_single_key=raw", "remove_keys=$kubernetes['labels']"},
}

// FuzzPush: whatever a chunk holds and whatever the limits are, each record is in
// a push or counted as rejected, and each push decodes, with labels that can be
// read and text that is UTF-8.
func FuzzPush(f *testing.F) {
	for i := range fuzzed {
		for _, file := range []string{"plain.msgpack", "grouped.msgpack", "kubernetes.msgpack", "otlp-protobuf.msgpack"} {
			b, err := os.ReadFile("../../common/chunk/testdata/" + file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b, uint16(1), uint8(i))
			f.Add(b[:len(b)-3], uint16(4000), uint8(i))
		}
		f.Add(chunkOf(pod, `{"log":"[{\"a\":\"\\ud800\"}]","nested":{"a.b":1,"a_b":2,"a-b":"\u0000"},"t":"x"}`, `{"t":"a/b"}`), uint16(50), uint8(i))
	}
	f.Add(eight(), uint16(100), uint8(0))
	f.Add(sample(20), uint16(2000), uint8(1))
	var plans []*plan
	for _, settings := range fuzzed {
		p, _ := planOf(f, settings...)
		plans = append(plans, p)
	}
	all := []limits{{}}
	for _, settings := range fuzzedLimits {
		c := NewConfig()
		if err := parse(c, append(settings, "url=http://loki")...); err != nil {
			f.Fatal(err)
		}
		all = append(all, c.limits)
	}
	silent := slog.New(slog.DiscardHandler)
	f.Fuzz(func(t *testing.T, data []byte, size uint16, by uint8) {
		p, l := plans[int(by)%len(plans)], all[int(by)/len(plans)%len(all)]
		b, m := newBatch(p), newMemory(&l)
		records, rejected := readWith(b, data, &l, &labelLimits{limits: &l, budget: newCardinality(&l, silent, newDemoted(prometheus.NewRegistry(), "test"))}, time.Now())
		entries := len(b.entries)
		if entries+rejected != records {
			t.Fatalf("%d records, %d entries, %d rejected", records, entries, rejected)
		}
		got := pushed(t, b, pushesOf(b, m, int(size)), l.line == 0 && p.line.format == formatJSON && p.line.single != singleRaw)
		if got != entries {
			t.Fatalf("%d entries, %d in pushes", entries, got)
		}
		b.reset()
		for i, v := range b.streams.rec.fields {
			if v != nil {
				t.Fatalf("the batch still refers to the chunk, in field %d", i)
			}
		}
	})
}

// pushed counts the lines in pushes, and holds what they must be. The entries
// of a stream are in the order of time.
func pushed(t *testing.T, b *batch, pushes []push, isJSON bool) (lines int) {
	k := &packer{}
	newest := map[string]int64{} // by tenant and labels
	for _, p := range pushes {
		if checkTenant(p.tenant) != nil {
			t.Fatalf("tenant %q", p.tenant)
		}
		raw, err := snappy.Decode(nil, k.pack(b, p.entries))
		if err != nil {
			t.Fatal(err)
		}
		push, err := decodePush(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range push {
			checkLabelSet(t, s.labels)
			key := p.tenant + s.labels
			for _, l := range s.lines {
				lines++
				last, is := newest[key]
				if is && l.time < last || isJSON && !json.Valid([]byte(l.text)) || !utf8.ValidString(l.text) || !utf8.ValidString(l.metadata) {
					t.Fatalf("%d after %d: %s %s", l.time, last, l.text, l.metadata)
				}
				newest[key] = l.time
			}
		}
	}
	return lines
}

// checkLabelSet reads a label set as a server does: {name="value", …}, with
// valid names in order, each once, and values quoted as in Go.
func checkLabelSet(t *testing.T, text string) {
	t.Helper()
	if text[0] != '{' || text[len(text)-1] != '}' {
		t.Fatalf("labels %s", text)
	}
	rest, last := text[1:len(text)-1], ""
	for rest != "" {
		at := 0
		for rest[at] != '=' {
			at++
		}
		name := rest[:at]
		quoted, err := strconv.QuotedPrefix(rest[at+1:])
		if err != nil {
			t.Fatalf("labels %s: %v", text, err)
		}
		value, err := strconv.Unquote(quoted)
		if labels.CheckName(name) != nil || name <= last || err != nil || value == "" || !utf8.ValidString(value) {
			t.Fatalf("label %s of %s: %v", name, text, err)
		}
		last, rest = name, rest[at+1+len(quoted):]
		if rest != "" {
			if rest[:2] != ", " {
				t.Fatalf("labels %s", text)
			}
			rest = rest[2:]
		}
	}
	if last == "" {
		t.Fatal("no labels")
	}
}
