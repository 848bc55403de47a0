package outloki

import (
	"testing"
	"unsafe"

	"github.com/fluent/fluent-bit-go/output"
	jsoniter "github.com/json-iterator/go"
	"github.com/klauspost/compress/s2"
)

// BenchmarkDecoder is how Go plugins for Fluent Bit usually come to a line:
// fluent-bit-go's decoder, maps with string keys, and a JSON library. It writes
// the lines of a chunk and compresses them, without labels, streams and
// protobuf, so it does less than BenchmarkPush.
func BenchmarkDecoder(b *testing.B) {
	const records = 5000
	data := sample(records)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	start, n := cpu(), 0
	var lines, packed []byte
	for b.Loop() {
		lines = lines[:0]
		decoder := output.NewDecoder(unsafe.Pointer(&data[0]), len(data))
		for {
			code, _, record := output.GetRecord(decoder)
			if code != 0 {
				break
			}
			line, err := jsoniter.Marshal(withStringKeys(record))
			if err != nil {
				b.Fatal(err)
			}
			lines = append(lines, line...)
			n++
		}
		packed = s2.EncodeSnappy(packed[:cap(packed)], lines)
	}
	b.ReportMetric(float64((cpu()-start).Nanoseconds())/float64(n), "cpu-ns/record")
}

func withStringKeys(m map[any]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		key, _ := k.(string)
		if b, ok := v.([]byte); ok {
			v = string(b)
		}
		out[key] = v
	}
	return out
}
