package inkafka

import (
	"encoding/json"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsonpack"
	"github.com/tidegate/tidegate/common/rdkafka"
)

const (
	sample       = `{"ts":"2026-11-20T10:00:00.123456Z","level":"info","service":"checkout","host":"node-17.eu-west-1.example","msg":"order accepted after payment","order":{"id":918273645,"total":129.95,"items":3},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","duration_ms":41.7,"retry":false,"user":"u-59137"}`
	sampleLogfmt = `ts=2026-11-20T10:00:00.123456Z level=info service=checkout host=node-17.eu-west-1.example msg="order accepted after payment" order.id=918273645 order.total=129.95 order.items=3 trace_id=4bf92f3577b34da6a3ce929d0e0e4736 duration_ms=41.7 retry=false user=u-59137`
)

// samples are options and a message of them, with key and headers or without.
var samples = []struct {
	name, options string
	value         string
	headers       bool
}{
	{"json", "", sample, false},
	{"json, key and headers", "", sample, true},
	{"json, time of a field", "timestamp_from=field time_key=ts", sample, false},
	{"json, everything included", "include=topic,partition,offset,key,headers,timestamp origin_in=record", sample, true},
	{"json, layout fluentbit", "layout=fluentbit", sample, false},
	{"json, under a key", "payload_key=payload", sample, false},
	{"logfmt", "format=logfmt", sampleLogfmt, false},
	{"msgpack", "format=msgpack", sampleMsgpack(), false},
	{"raw", "format=raw", sample, false},
}

func sampleMsgpack() string {
	b, _, err := jsonpack.New().Append(nil, []byte(sample))
	if err != nil {
		panic(err)
	}
	return string(b)
}

func sampleMessage(value string, headers bool) *rdkafka.Message {
	m := &rdkafka.Message{Topic: "logs.application", Partition: 3, Offset: 123456789, Timestamp: 1763633000123, Value: []byte(value)}
	if headers {
		m.Key = []byte("u-59137")
		m.Headers = rdkafka.AppendHeader(nil, "traceparent", []byte("00-"+traceID+"-"+spanID+"-01"))
		m.Headers = rdkafka.AppendHeader(m.Headers, "content-type", []byte("application/json"))
	}
	return m
}

// BenchmarkEncode is a message on its way to an event, with its origin.
func BenchmarkEncode(b *testing.B) {
	for _, s := range samples {
		b.Run(s.name, func(b *testing.B) {
			e := encoderOf(b, given(s.options))
			m := sampleMessage(s.value, s.headers)
			var dst []byte
			b.SetBytes(int64(len(s.value)))
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = e.append(dst[:0], m, 1)
			}
			b.ReportMetric(float64(metadataLen(b, dst)), "metadata-B")
		})
	}
}

func metadataLen(tb testing.TB, event []byte) int {
	r := chunk.NewReader(event)
	var ev chunk.Event
	if !r.Next(&ev) {
		tb.Fatal(r.Err())
	}
	return len(ev.Metadata)
}

func TestEncodeAllocatesNothing(t *testing.T) {
	for _, s := range samples {
		e := encoderOf(t, given(s.options))
		m := sampleMessage(s.value, s.headers)
		dst := make([]byte, 0, 4096)
		if n := testing.AllocsPerRun(100, func() {
			if _, out := e.append(dst, m, 1); out.problem != noProblem {
				t.Fatalf("%s: %+v", s.name, out)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", s.name, n)
		}
	}
}

// BenchmarkUnmarshal is what a plugin does that reads JSON into a map.
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
