package schema

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/avropack"
	"github.com/tidegate/tidegate/common/chunk"
)

func TestJSON(t *testing.T) {
	d, _, _ := open(t, configFor(t, FormatJSON))
	for _, c := range []struct{ value, want, err string }{
		{"\x00\x00\x00\x00\x07{\"a\":1}", `{"a":1}`, ""},
		{"\x00\xff\xff\xff\xff[1]", `[1]`, ""},
		{"\x00\x00\x00\x00\x07", "", "not a JSON value"},
		{"\x00\x00\x00\x00\x07{} x", "", "text after the end of the value"},
		{`{"a":1}`, "", "no magic byte"},
		{"", "", "shorter than"},
	} {
		got, err := text(t, d, []byte(c.value))
		if got != c.want || (err == nil) != (c.err == "") || err != nil && (errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%q: got %s, %v; want %s, %s", c.value, got, err, c.want, c.err)
		}
	}
}

// library is a registry without a network.
type library map[uint32]string

func (l library) lookup(id uint32) (avropack.Source, error) {
	if id%5 == 4 {
		return avropack.Source{}, ErrUnavailable
	}
	text, ok := l[id]
	if !ok {
		return avropack.Source{}, errUnknown
	}
	return avropack.Source{Text: text}, nil
}

func (library) close() {}

// FuzzAppend holds that no value breaks the decoder, or leaves anything but
// one value of msgpack behind.
func FuzzAppend(f *testing.F) {
	f.Add(wire(1, "\x04hi"), `{}`)
	f.Add(wire(2, "\x04\x02\x00\x00"), `{"type":"array","items":["null","int"]}`)
	f.Add([]byte{1, 0}, `"string"`)
	f.Fuzz(func(t *testing.T, value []byte, schema string) {
		avro, _, _ := open(t, configFor(t, FormatAvro, "schema_registry_url", "http://127.0.0.1:1"))
		avro.schemas.registry = library{1: logSchema, 2: schema}
		asJSON, _, _ := open(t, configFor(t, FormatJSON))
		for _, d := range []*Decoder{avro, asJSON} {
			for range 2 {
				out, err := d.Append([]byte("x"), "t", value)
				switch {
				case err != nil && !bytes.Equal(out, []byte("x")):
					t.Fatalf("dst came back as %x with %v", out, err)
				case err != nil && len(err.Error()) > 400:
					t.Fatalf("an error of %d bytes: %v", len(err.Error()), err)
				case err == nil:
					if rest, err := chunk.Skip(out[1:]); err != nil || len(rest) > 0 {
						t.Fatalf("%x: %x behind the value, %v", out, rest, err)
					}
				}
			}
		}
	})
}

func TestAppendAllocatesNothing(t *testing.T) {
	d, _, _ := open(t, configFor(t, FormatAvro, "schema_registry_url", "http://127.0.0.1:1"))
	d.schemas.registry = library{1: logSchema}
	value, dst := wire(1, "\x04hi"), make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := d.Append(dst, "t", value); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppend(b *testing.B) {
	d, _, _ := open(b, configFor(b, FormatAvro, "schema_registry_url", "http://127.0.0.1:1"))
	d.schemas.registry = library{1: logSchema}
	value, dst := wire(1, "\x04hi"), make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Append(dst, "t", value); err != nil {
			b.Fatal(err)
		}
	}
}
