package outloki

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/klauspost/compress/snappy"
)

// FuzzPush: whatever a chunk holds, each record is in a push or counted as
// rejected, and each push decodes.
func FuzzPush(f *testing.F) {
	for _, file := range []string{"plain.msgpack", "grouped.msgpack"} {
		b, err := os.ReadFile("../../common/chunk/testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint16(1))
		f.Add(b[:len(b)-3], uint16(4000))
	}
	f.Add(eight(), uint16(100))
	f.Add(sample(20), uint16(2000))
	c := NewConfig()
	if err := parse(c, "url=http://loki", "labels=x=y,$TAG,$nested['a'][2]", "label_keys=deviceid,app,n", "remove_keys=m"); err != nil {
		f.Fatal(err)
	}
	p, err := newPlan(&c.labeling)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, size uint16) {
		b := newBatch(p)
		b.begin("kafka.\xff")
		var done settled
		read(b, data, &done)
		want := len(b.entries)
		b.sort()
		got, oldest := 0, int64(0)
		for rest := b.entries; len(rest) > 0; {
			n := b.cut(rest, int(size))
			b.grouping.gather(rest[:n], b.streams.texts.len())
			raw, err := snappy.Decode(nil, b.pack(rest[:n]))
			if err != nil {
				t.Fatal(err)
			}
			push, err := decodePush(raw)
			if err != nil {
				t.Fatal(err)
			}
			latest := oldest
			for _, s := range push {
				for _, l := range s.lines {
					got++
					if l.time < oldest || !json.Valid([]byte(l.text)) {
						t.Fatalf("%d after %d: %s", l.time, oldest, l.text)
					}
					latest = max(latest, l.time)
				}
			}
			oldest = latest
			rest = rest[n:]
		}
		if got != want {
			t.Fatalf("%d entries, %d in pushes", want, got)
		}
		b.reset()
		if len(b.streams.rec.fields) > 0 && b.streams.rec.fields[0] != nil {
			t.Fatal("the batch still refers to the chunk")
		}
	})
}
