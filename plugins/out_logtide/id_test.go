package outlogtide

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

// Ids that are bytes are written in hexadecimal, wherever they go.
func TestBinaryIDs(t *testing.T) {
	f := func(trace, span, want string) {
		t.Helper()
		body := []byte("\x83\xa7message\xa1m\xa8trace_id" + bin(t, trace) + "\xa7span_id" + bin(t, span))
		if got := logOf(t, body); got != head+want {
			t.Errorf("%s, %s\n got %s\nwant %s", trace, span, got, head+want)
		}
	}
	const (
		trace = "000203ff05060708090a0b0c0d0e0f00"
		span  = "00020304050607ff"
	)
	f(trace, span, `"message":"m","trace_id":"`+trace+`","span_id":"`+span+`"}`)
	// The text, sent as bin.
	f(hex.EncodeToString([]byte(trace)), hex.EncodeToString([]byte(span)), `"message":"m","trace_id":"`+trace+`","span_id":"`+span+`"}`)
	f(hex.EncodeToString([]byte(trace)), hex.EncodeToString([]byte("00F067AA0BA902B7")), `"message":"m","trace_id":"`+trace+`","span_id":"00f067aa0ba902b7"}`)
	// Other lengths, zeros and nothing.
	f("00ff22", "00ff22", `"message":"m","trace_id":"00ff22","metadata":{"span_id":"00ff22"}}`)
	f(strings.Repeat("0", 32), strings.Repeat("0", 16), `"message":"m","metadata":{"trace_id":"`+strings.Repeat("0", 32)+`","span_id":"`+strings.Repeat("0", 16)+`"}}`)
	f("", "", `"message":"m","metadata":{"trace_id":"","span_id":""}}`)
}

// An object called metadata may hold them too.
func TestBinaryIDsInMetadata(t *testing.T) {
	body := []byte("\x82\xa7message\xa1m\xa8metadata\x83\xa7span_id" + bin(t, "00ff030405060708") + "\xa8trace_id" + bin(t, "00ff") + "\xa4text" + bin(t, "62696e"))
	want := head + `"message":"m","metadata":{"span_id":"00ff030405060708","trace_id":"00ff","text":"bin"}}`
	if got := logOf(t, body); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// bin is the msgpack of a bin value.
func bin(t *testing.T, digits string) string {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return "\xc4" + string([]byte{byte(len(b))}) + string(b)
}

// What a real Fluent Bit makes of OTLP, over both of its ways.
func TestOpenTelemetry(t *testing.T) {
	for _, name := range []string{"otlp-protobuf", "otlp-json"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("../../common/chunk/testdata/" + name + ".msgpack")
			if err != nil {
				t.Fatal(err)
			}
			c := NewConfig()
			if err := parse(c, "url=http://x", "api_key=k", "service=@resource['service.name']", "level=@metadata['otlp']['severity_text']",
				"trace_id=@metadata['otlp']['trace_id']", "span_id=@metadata['otlp']['span_id']"); err != nil {
				t.Fatal(err)
			}
			b := newBatch(newPlan(&c.sources))
			r := chunk.NewReader(data)
			for ev := (chunk.Event{}); r.Next(&ev); {
				if err := b.add(0, &ev); err != nil {
					t.Fatal(err)
				}
			}
			logs, err := decodeRequest(b.request(b.entries))
			if err != nil || r.Err() != nil || len(logs) != 4 {
				t.Fatalf("%d logs, %v, %v", len(logs), err, r.Err())
			}
			const trace, span = "0102030405060708090a0b0c0d0e0f10", "0102030405060708"
			if l := &logs[0]; l.TraceID == nil || *l.TraceID != trace || l.SpanID == nil || *l.SpanID != span || l.Service != "checkout" || l.Level != "warn" {
				text, _ := json.Marshal(l)
				t.Errorf("got %s", text)
			}
			if l := &logs[3]; l.TraceID != nil || l.SpanID != nil || l.Service != "cart" {
				text, _ := json.Marshal(l)
				t.Errorf("got %s", text)
			}
		})
	}
}
