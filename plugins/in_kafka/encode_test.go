package inkafka

import (
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

// encoderOf makes an encoder of options, whose source is 7.
func encoderOf(t testing.TB, given map[string]string) *encoder {
	t.Helper()
	c, err := parse(with(given))
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEncoder(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	e.place.source = 7
	e.now = func() time.Time { return time.Unix(60, 5e6) }
	return e
}

// message is one at t[2]@42, of 1970-01-01T00:00:01.234Z, assignment 3.
func message(value string) *rdkafka.Message {
	return &rdkafka.Message{Topic: "t", Partition: 2, Offset: 42, Timestamp: 1234, Value: []byte(value)}
}

// encode encodes a message into one event, and returns it as decode does.
func encode(t testing.TB, e *encoder, m *rdkafka.Message) (string, outcome) {
	t.Helper()
	event, out := e.append([]byte{0xc0}, m, 3)
	if event[0] != 0xc0 {
		t.Fatal("what stood before the event is gone")
	}
	lines := decode(t, event[1:])
	if out.verdict != emitted {
		if len(event) != 1 {
			t.Fatalf("verdict %d, and dst grew by %x", out.verdict, event[1:])
		}
		return "", out
	}
	if len(lines) != 1 {
		t.Fatalf("%d events", len(lines))
	}
	return lines[0], out
}

const (
	clock  = "00:00:01.234 "
	inMeta = `"topic":"t","partition":2,"offset":42,"origin":[7,3]`
	meta   = clock + `{"kafka":{` + inMeta
)

func TestEncode(t *testing.T) {
	headers := rdkafka.AppendHeader(nil, "h", []byte("v"))
	headers = rdkafka.AppendHeader(headers, "h", nil)
	const notJSON = `,"reason":"json","error":"parsing JSON: not a JSON value"}} `
	e := encoderOf(t, nil)
	for _, c := range []struct {
		name string
		m    *rdkafka.Message
		more func(m *rdkafka.Message)
		want string
	}{
		{"object", message(`{"a":{"b":1},"c":"d"}`), nil, meta + `}} {"a":{"b":1},"c":"d"}`},
		{"array", message(` [1,2]`), nil, meta + `}} {"message":[1,2]}`},
		{"number", message(`12`), nil, meta + `}} {"message":12}`},
		{"null", message(`null`), nil, meta + `}} {"message":null}`},
		{"not JSON", message(`oops`), nil, meta + notJSON + `{"message":"oops"}`},
		{"empty", message(``), nil, meta + notJSON + `{"message":""}`},
		{"key and headers", message(`{}`), func(m *rdkafka.Message) { m.Key, m.Headers = []byte("k"), headers }, meta + `,"key":"k","headers":[["h","v"],["h",null]]}} {}`},
		{"empty key", message(`{}`), func(m *rdkafka.Message) { m.Key = []byte{} }, meta + `,"key":""}} {}`},
		{"no time", message(`{}`), func(m *rdkafka.Message) { m.Timestamp = -1 }, `00:01:00.005` + strings.TrimPrefix(meta, "00:00:01.234") + `}} {}`},
	} {
		if c.more != nil {
			c.more(c.m)
		}
		got, out := encode(t, e, c.m)
		if (out.problem != noProblem) != strings.Contains(c.want, `"error"`) {
			t.Errorf("%s: problem %v", c.name, out.problem)
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	if got, out := e.append(nil, &rdkafka.Message{Topic: "t"}, 1); len(got) != 0 || out != (outcome{verdict: skipped}) {
		t.Errorf("a tombstone became %x, %+v", got, out)
	}
}
