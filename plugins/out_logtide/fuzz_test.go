package outlogtide

import (
	"encoding/json"
	"os"
	"testing"
)

// FuzzRequests: whatever a chunk holds, each record is a log or counted as
// rejected, and each request is JSON within LogTide's rules.
func FuzzRequests(f *testing.F) {
	for _, file := range []string{"plain.msgpack", "grouped.msgpack"} {
		b, err := os.ReadFile("../../common/chunk/testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint16(1))
		f.Add(b[:len(b)-3], uint16(4000))
	}
	f.Add(numbered(f, 5), uint16(2))
	f.Add(sample(20), uint16(7))
	f.Add(chunkOf(f, `{"metadata":{"a":1,"metadata":2},"a":{"b":"\u0000"},"span_id":"00F067AA0BA902B7","time":"2026-01-02 03:04:05,5+0230"}`), uint16(9))
	f.Add(appendEvent(nil, notUTF8(7)), uint16(1))
	c := NewConfig()
	if err := parse(c, "url=http://x", "api_key=k", "service=$TAG[1]", "level=$l", "message=$a['b']", "time=$t", "trace_id=$list[0]", "span_id=$s"); err != nil {
		f.Fatal(err)
	}
	plans := []*plan{newPlan(&c.sources), newPlan(&NewConfig().sources)}
	f.Fuzz(func(t *testing.T, data []byte, most uint16) {
		for _, p := range plans {
			b := newBatch(p)
			b.fixed = p.resolve("kafka.a\x00\xff")
			var done settled
			read(b, data, &done)
			for rest := b.entries; len(rest) > 0; {
				n := cut(rest, max(int(most), 1))
				body := b.request(rest[:n])
				logs, err := decodeRequest(body)
				if err != nil || !json.Valid(body) {
					t.Fatalf("%v: %s", err, body)
				}
				if len(logs) != n {
					t.Fatalf("%d logs, want %d: %s", len(logs), n, body)
				}
				for i := range logs {
					if err := checkLog(&logs[i]); err != nil {
						t.Fatalf("%v: %s", err, body)
					}
				}
				rest = rest[n:]
			}
			b.reset()
			for i := range b.fields.pairs[:cap(b.fields.pairs)] {
				if b.fields.pairs[:cap(b.fields.pairs)][i].value != nil {
					t.Fatal("the batch still refers to the chunk")
				}
			}
		}
	})
}

func FuzzOptions(f *testing.F) {
	f.Add("http://logtide", "key", "shop", "$a['b']")
	f.Add("http://me:hunter2@logtide/x", "", "$TAG[1]", "$TAG")
	f.Fuzz(func(t *testing.T, url, key, service, level string) {
		c := NewConfig()
		if parse(c, "url="+url, "api_key="+key, "service="+service, "level="+level) != nil {
			return
		}
		if _, err := newKey(c); err != nil {
			t.Errorf("accepted options make no key: %v", err)
		}
		newPlan(&c.sources).resolve("a.b")
	})
}
