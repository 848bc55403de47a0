package avropack

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/avro"

	"github.com/tidegate/tidegate/common/chunk"
)

// oracle is the library's own way: decoding into Go values.
func oracle(t testing.TB, schema string) *avro.Schema {
	t.Helper()
	// Ours is compiled without logical types to be compared; this one forgets
	// them.
	s, err := avro.Parse(strings.ReplaceAll(schema, "logicalType", "x-logicalType"), avro.WithLaxNames(nil))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plain writes what either side made in one way: the library's Go values, and
// msgpack.
func plain(v any) string {
	switch v := v.(type) {
	case nil, bool, int32, int64, int, string:
		return fmt.Sprintf("%v", v)
	case float32:
		return fmt.Sprintf("f%x", v)
	case float64:
		return fmt.Sprintf("d%x", v)
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case []any:
		var b strings.Builder
		for _, item := range v {
			b.WriteString(plain(item) + ",")
		}
		return "[" + b.String() + "]"
	case map[string]any:
		return plainMap(v)
	}
	return fmt.Sprintf("%T?", v)
}

func plainMap(m map[string]any) string {
	return fmt.Sprint(plainValues(m)) // fmt sorts keys
}

func plainValues(m map[string]any) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = plain(v)
	}
	return out
}

// unpack reads msgpack into Go values, the later of repeated keys as the
// library has it.
func unpack(t testing.TB, b []byte) (v any, rest []byte) {
	t.Helper()
	var err error
	switch chunk.KindOf(b) {
	case chunk.Nil:
		return nil, b[1:]
	case chunk.Bool:
		return b[0] == 0xc3, b[1:]
	case chunk.Uint:
		var n uint64
		n, rest, err = chunk.ReadUint(b)
		v = int64(n)
	case chunk.Int:
		var n int64
		n, rest, err = chunk.ReadInt(b)
		v = n
	case chunk.Float:
		var f float64
		var bits int
		f, bits, rest, err = chunk.ReadFloat(b)
		if v = f; bits == 32 {
			v = float32(f)
		}
	case chunk.String:
		var text []byte
		text, rest, err = chunk.ReadKeyZC(b)
		v = string(text)
	case chunk.Array:
		var n int
		n, rest, err = chunk.ReadArrayHeader(b)
		list := []any{}
		for range n {
			var item any
			item, rest = unpack(t, rest)
			list = append(list, item)
		}
		v = list
	case chunk.Map:
		var n int
		n, rest, err = chunk.ReadMapHeader(b)
		m := map[string]any{}
		for range n {
			var key []byte
			if key, rest, err = chunk.ReadKeyZC(rest); err != nil {
				t.Fatal(err)
			}
			m[string(key)], rest = unpack(t, rest)
		}
		v = m
	default:
		t.Fatalf("byte %#x where a value should be", b[:min(1, len(b))])
	}
	if err != nil {
		t.Fatal(err)
	}
	return v, rest
}
