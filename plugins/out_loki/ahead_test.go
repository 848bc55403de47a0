package outloki

import (
	"bytes"
	"log/slog"
	"os"
	"reflect"
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
	f.Fuzz(func(t *testing.T, data []byte, line uint16, removed bool) {
		p := whole
		if removed {
			p = part
		}
		one, two := newBatch(p), newBatch(p)
		l := limits{line: int64(line), onLine: truncate}
		if l.validate() != nil {
			return
		}
		now := time.Now()
		read := func(b *batch, walk chunk.Walk) (records int, rejected []string) {
			labels := &labelLimits{limits: &l, budget: newCardinality(&l, slog.New(slog.DiscardHandler), newDemoted(prometheus.NewRegistry(), "test"))}
			b.begin("tag", &l, labels, now)
			at := attempt.New(delivery.NewRegistry(now).Join("tidegate", "test")).Begin("tag", data)
			records = at.Read(walk, b.add, func(err error, _ bool) { rejected = append(rejected, err.Error()) })
			return records, rejected
		}
		records, rejected := read(one, one.walk())
		wantRecords, wantRejected := read(two, nil)
		if records != wantRecords || !reflect.DeepEqual(rejected, wantRejected) || len(one.entries) != len(two.entries) {
			t.Fatalf("%d records, %d entries, rejected %q; want %d, %d, %q", records, len(one.entries), rejected, wantRecords, len(two.entries), wantRejected)
		}
		for i := range one.entries {
			x, y := &one.entries[i], &two.entries[i]
			got, want := one.arena[x.start:x.end], two.arena[y.start:y.end]
			gotLabels, wantLabels := one.streams.texts.get(x.stream), two.streams.texts.get(y.stream)
			if !bytes.Equal(got, want) || !bytes.Equal(gotLabels, wantLabels) || x.time != y.time || x.record != y.record {
				t.Fatalf("entry %d is %q of %q, want %q of %q", i, got, gotLabels, want, wantLabels)
			}
		}
	})
}

// The records of an ordinary chunk are walked over once.
func TestAheadIsUsed(t *testing.T) {
	for want, settings := range map[int][]string{
		100: {"label_keys=service,level"},
		101: {"label_keys=service,level", "remove_label_keys=on"},
		0:   {"label_keys=service,level", "line_format=logfmt"},
	} {
		p, _ := planOf(t, settings...)
		b := newBatch(p)
		walked := 0
		all := chunk.NewRecords(sample(max(want, 1)))
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
}
