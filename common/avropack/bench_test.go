package avropack

import (
	"testing"

	"github.com/twmb/avro"

	"github.com/tidegate/tidegate/common/chunk"
)

const sampleSchema = `{"type":"record","name":"Log","namespace":"shop","fields":[
	{"name":"ts","type":{"type":"long","logicalType":"timestamp-micros"}},
	{"name":"level","type":{"type":"enum","name":"Level","symbols":["DEBUG","INFO","WARN","ERROR"]}},
	{"name":"service","type":"string"},
	{"name":"host","type":"string"},
	{"name":"msg","type":"string"},
	{"name":"order","type":["null",{"type":"record","name":"Order","fields":[
		{"name":"id","type":"long"},
		{"name":"total","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
		{"name":"items","type":"int"}]}]},
	{"name":"trace_id","type":["null","string"]},
	{"name":"duration_ms","type":"double"},
	{"name":"retry","type":"boolean"},
	{"name":"labels","type":{"type":"map","values":"string"}}]}`

// sampleValue is a log of about 200 bytes, the same in content as jsonpack's.
func sampleValue(t testing.TB) []byte {
	t.Helper()
	value, err := oracle(t, sampleSchema).Encode(map[string]any{
		"ts": int64(1763632800123456), "level": "INFO", "service": "checkout", "host": "node-17.eu-west-1.example",
		"msg":      "order accepted after payment",
		"order":    map[string]any{"id": int64(918273645), "total": []byte{0x32, 0xc3}, "items": int32(3)},
		"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "duration_ms": 41.7, "retry": false,
		"labels": map[string]any{"user": "u-59137", "zone": "b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestAppendAllocatesNothing(t *testing.T) {
	var tr Transcoder
	s, src, dst := compile(t, sampleSchema), sampleValue(t), make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := tr.Append(dst, src, s); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppend(b *testing.B) {
	var tr Transcoder
	s, src := compile(b, sampleSchema), sampleValue(b)
	var dst []byte
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = tr.Append(dst[:0], src, s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeAny is what a plugin does that has the library decode into
// Go values and writes msgpack of these.
func BenchmarkDecodeAny(b *testing.B) {
	s, err := avro.Parse(sampleSchema)
	if err != nil {
		b.Fatal(err)
	}
	src := sampleValue(b)
	var dst []byte
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		var v any
		if _, err := s.Decode(src, &v); err != nil {
			b.Fatal(err)
		}
		dst = appendAny(dst[:0], v)
	}
}

// appendAny writes Go values as msgpack, those of logical types as nil.
func appendAny(dst []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		return chunk.AppendBool(dst, v)
	case int32:
		return chunk.AppendInt(dst, int64(v))
	case int64:
		return chunk.AppendInt(dst, v)
	case float64:
		return chunk.AppendFloat64(dst, v)
	case string:
		return chunk.AppendString(dst, v)
	case map[string]any:
		dst = chunk.AppendMapHeader(dst, len(v))
		for key, inner := range v {
			dst = appendAny(chunk.AppendString(dst, key), inner)
		}
		return dst
	}
	return chunk.AppendNil(dst)
}
