package outloki

import (
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/attempt"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
)

// FuzzAhead: entries are the same where the reader's walk writes the lines and where
// add does.
func FuzzAhead(f *testing.F) {
	for _, file := range []string{"plain.msgpack", "grouped.msgpack", "kubernetes.msgpack"} {
		b, err := os.ReadFile("../../common/chunk/testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint16(0), false)
		f.Add(b[:len(b)-3], uint16(30), true)
	}
	f.Add(eight(), uint16(20), true)
	f.Add(sample(20), uint16(100), true)
	f.Add(chunkOf(pod, `{"log":"{\"a\":\"b\"}","log":"{\"a\":\"c\"}","app":1,"app":null}`, `{"\u0000":{"app":"x"}}`), uint16(0), false)
	settings := []string{"label_keys=app,service,pod=$kubernetes['labels']['app']", "labels=a=$log['a']", "structured_metadata=$level,@metadata['x']"}
	whole, _ := planOf(f, settings...)
	part, _ := planOf(f, append(settings, "remove_label_keys=on", "remove_keys=$kubernetes['pod_name'],message")...)
	other := chunk.AppendString(chunk.AppendString(chunk.AppendMapHeader(nil, 1), "app"), "other")
	f.Fuzz(func(t *testing.T, data []byte, line uint16, removed bool) {
		p := whole
		if removed {
			p = part
		}
		l := limits{line: int64(line), onLine: truncate}
		if line%2 == 1 {
			l.onLine, l.age, l.onAge = reject, time.Hour, clamp
		}
		if l.validate() != nil {
			return
		}
		now := time.Now()
		read := func(b *batch, walk chunk.Walk) (records int, rejected []string) {
			labels := &labelLimits{limits: &l, budget: newCardinality(&l, slog.New(slog.DiscardHandler), newDemoted(prometheus.NewRegistry(), "test"))}
			b.begin("tag", &l, labels, now)
			at := attempt.New(delivery.NewRegistry(now).Join("tidegate", "test")).Begin("tag", data)
			records = at.Read(walk, func(record int, ev *chunk.Event) error {
				if record%3 == 2 { // as where something is taken out of it
					ev.Body = other
				}
				return b.add(record, ev)
			}, func(err error, _ bool) { rejected = append(rejected, err.Error()) })
			return records, rejected
		}
		one, two := newBatch(p), newBatch(p)
		for range 2 { // a batch is used again
			records, rejected := read(one, one.walk())
			wantRecords, wantRejected := read(two, nil)
			if records != wantRecords || !slices.Equal(rejected, wantRejected) || !reflect.DeepEqual(one.limits.changes, two.limits.changes) {
				t.Fatalf("%d records, rejected %q, %v; want %d, %q, %v", records, rejected, one.limits.changes, wantRecords, wantRejected, two.limits.changes)
			}
			if got, want := one.described(), two.described(); !slices.Equal(got, want) {
				t.Fatalf("got %q\nwant %q", got, want)
			}
			one.reset()
			two.reset()
			if one.ahead.body != nil || one.ahead.arena != nil {
				t.Fatal("the batch still refers to the chunk")
			}
		}
	})
}

// described has each entry of a batch, with its labels.
func (b *batch) described() (all []string) {
	for i := range b.entries {
		e := &b.entries[i]
		all = append(all, fmt.Sprintf("%d at %d in %s: %s", e.record, e.time, b.streams.texts.get(e.stream), b.arena[e.start:e.end]))
	}
	return all
}

// The records of an ordinary chunk are walked over once.
func TestAheadIsUsed(t *testing.T) {
	const records = 100
	f := func(want int, settings ...string) {
		t.Helper()
		p, _ := planOf(t, settings...)
		b := newBatch(p)
		walked := 0
		all := chunk.NewRecords(sample(records))
		all.Walk(b.walk())
		for all.Next() {
			if b.ahead.has(all.Event.Body) {
				walked++
			}
		}
		if walked != want {
			t.Errorf("%q: %d records were walked over once, want %d", settings, walked, want)
		}
	}
	f(records, "label_keys=service,level")
	f(records, "label_keys=service,level", "remove_label_keys=on")
	f(0, "label_keys=service,level", "line_format=logfmt")
}
