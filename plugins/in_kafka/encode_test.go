package inkafka

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// decode reads events back as `time metadata record`, in JSON.
func decode(t testing.TB, events []byte) (lines []string) {
	t.Helper()
	r := chunk.NewReader(events)
	var ev chunk.Event
	for r.Next(&ev) {
		line := time.Unix(0, ev.Time).UTC().AppendFormat(nil, "15:04:05.000 ")
		var err error
		if line, err = jsontext.Append(line, ev.Metadata); err != nil {
			t.Fatal(err)
		}
		if line, err = jsontext.Append(append(line, ' '), ev.Body); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestEncode(t *testing.T) {
	e := newEncoder(&Config{Format: formatJSON})
	e.source = 7
	e.now = func() time.Time { return time.Unix(60, 5e6) }
	raw := newEncoder(&Config{Format: formatRaw})
	raw.source = 7

	headers := rdkafka.AppendHeader(nil, "h", []byte("v"))
	headers = rdkafka.AppendHeader(headers, "h", nil)
	const meta = `{"kafka":{"topic":"t","partition":2,"offset":42,"origin":[7,3]`
	for _, c := range []struct {
		name string
		enc  *encoder
		m    rdkafka.Message
		want string
	}{
		{"object", e, rdkafka.Message{Value: []byte(`{"a":{"b":1},"c":"d"}`)}, `00:00:01.234 ` + meta + `}} {"a":{"b":1},"c":"d"}`},
		{"array", e, rdkafka.Message{Value: []byte(` [1,2]`)}, `00:00:01.234 ` + meta + `}} {"message":[1,2]}`},
		{"number", e, rdkafka.Message{Value: []byte(`12`)}, `00:00:01.234 ` + meta + `}} {"message":12}`},
		{"null", e, rdkafka.Message{Value: []byte(`null`)}, `00:00:01.234 ` + meta + `}} {"message":null}`},
		{"not JSON", e, rdkafka.Message{Value: []byte(`oops`)}, `00:00:01.234 ` + meta + `,"error":"parsing JSON: not a JSON value"}} {"message":"oops"}`},
		{"empty", e, rdkafka.Message{Value: []byte{}}, `00:00:01.234 ` + meta + `,"error":"parsing JSON: not a JSON value"}} {"message":""}`},
		{"key and headers", e, rdkafka.Message{Value: []byte(`{}`), Key: []byte("k"), Headers: headers}, `00:00:01.234 ` + meta + `,"key":"k","headers":[["h","v"],["h",null]]}} {}`},
		{"empty key", e, rdkafka.Message{Value: []byte(`{}`), Key: []byte{}}, `00:00:01.234 ` + meta + `,"key":""}} {}`},
		{"no time", e, rdkafka.Message{Value: []byte(`{}`), Timestamp: -1}, `00:01:00.005 ` + meta + `}} {}`},
		{"raw", raw, rdkafka.Message{Value: []byte(`{"a":1}`)}, `00:00:01.234 ` + meta + `}} {"message":"{\"a\":1}"}`},
	} {
		c.m.Topic, c.m.Partition, c.m.Offset = "t", 2, 42
		if c.m.Timestamp == 0 {
			c.m.Timestamp = 1234
		}
		event, sound := c.enc.append(nil, &c.m, 3)
		lines := decode(t, event)
		if sound == strings.Contains(c.want, `"error"`) {
			t.Errorf("%s: sound is %v", c.name, sound)
		}
		if len(lines) != 1 || lines[0] != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, lines, c.want)
		}
	}
	if got, sound := e.append(nil, &rdkafka.Message{Topic: "t"}, 1); len(got) != 0 || !sound {
		t.Errorf("a tombstone became %x", got)
	}
}

// FuzzEncode holds that any value becomes exactly one event that reads back.
func FuzzEncode(f *testing.F) {
	f.Add([]byte(`{"a":1}`), []byte("k"), []byte("v"), int64(5))
	f.Add([]byte("\xff\xfe"), []byte(nil), []byte(nil), int64(-1))
	e := newEncoder(&Config{Format: formatJSON})
	f.Fuzz(func(t *testing.T, value, key, header []byte, timestamp int64) {
		m := rdkafka.Message{Topic: "t", Value: value, Key: key, Headers: rdkafka.AppendHeader(nil, "h", header), Timestamp: timestamp}
		if value == nil {
			m.Value = []byte{}
		}
		event, _ := e.append(nil, &m, 1)
		lines := decode(t, event)
		if len(lines) != 1 {
			t.Fatalf("%d events", len(lines))
		}
	})
}

const sample = `{"ts":"2026-11-20T10:00:00.123456Z","level":"info","service":"checkout","host":"node-17.eu-west-1.example","msg":"order accepted after payment","order":{"id":918273645,"total":129.95,"items":3},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","duration_ms":41.7,"retry":false,"user":"u-59137"}`

// BenchmarkEncode is a message on its way to an event, with its origin.
// BenchmarkUnmarshal is what a plugin does that reads JSON into a map.
func BenchmarkEncode(b *testing.B) {
	e := newEncoder(&Config{Format: formatJSON})
	m := rdkafka.Message{Topic: "logs.application", Partition: 3, Offset: 123456789, Timestamp: 1763633000123, Value: []byte(sample)}
	var dst []byte
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = e.append(dst[:0], &m, 1)
	}
}

func BenchmarkUnmarshal(b *testing.B) {
	b.SetBytes(int64(len(sample)))
	b.ReportAllocs()
	for b.Loop() {
		var record map[string]any
		if err := json.Unmarshal([]byte(sample), &record); err != nil {
			b.Fatal(err)
		}
	}
}
