package avropack

import (
	"bytes"
	"errors"
	"math/big"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/twmb/avro"

	"github.com/tidegate/tidegate/common/chunk"
)

// FuzzAppend holds the walk against the library's own decoder, on schemas and
// bytes of all kinds: what one takes the other takes, and both read the same.
func FuzzAppend(f *testing.F) {
	for _, seed := range []struct {
		schema string
		src    []byte
	}{
		{sampleSchema, sampleValue(f)},
		{`{"type":"array","items":["null","int",{"type":"map","values":"bytes"}]}`, []byte{4, 2, 4, 0, 0}},
		{`{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}`, []byte{2, 2, 0}},
		{`{"type":"array","items":"null"}`, []byte{8, 0}},
		{`["float","double","boolean",{"type":"enum","name":"E","symbols":["A","B"]},{"type":"fixed","name":"F","size":3}]`, []byte{8, 1, 2, 3}},
	} {
		f.Add(seed.schema, seed.src)
	}
	var tr Transcoder
	f.Fuzz(func(t *testing.T, schema string, src []byte) {
		s, err := Compile(Source{Text: schema, Plain: true})
		if err != nil {
			return
		}
		got, err := tr.Append([]byte("x"), src, s)
		var want any
		rest, libraryErr := oracle(t, schema).Decode(src, &want)
		if err != nil {
			if libraryErr == nil && len(rest) == 0 && !bounded(err) {
				t.Fatalf("%s, %x: %v, but the library reads %s", schema, src, err, plain(want))
			}
			if !bytes.Equal(got, []byte("x")) {
				t.Fatalf("%s, %x: dst came back as %x", schema, src, got)
			}
			return
		}
		v, behind := unpack(t, got[1:])
		if len(behind) > 0 {
			t.Fatalf("%s, %x: %x behind the value", schema, src, behind)
		}
		if libraryErr != nil {
			if !stricter(libraryErr, src) {
				t.Fatalf("%s, %x: read as %s, but the library says %v", schema, src, plain(v), libraryErr)
			}
			return
		}
		if plain(v) != plain(want) {
			t.Fatalf("%s, %x: got %s, want %s", schema, src, plain(v), plain(want))
		}
	})
}

// bounded tells an error that is about a bound of ours.
func bounded(err error) bool {
	return errors.Is(err, ErrDepth) || errors.Is(err, ErrTooMany) || errors.Is(err, ErrTooLarge)
}

// stricter tells where the library does not take what we do: text that is not
// UTF-8.
func stricter(_ error, src []byte) bool { return !utf8.Valid(src) }

// FuzzLogical holds dates and times against package time, and decimals
// against package big.
func FuzzLogical(f *testing.F) {
	for _, v := range []int64{0, -1, 1763600400123, -62167219200001, 253402300799999, 951782400000, -1 << 63, 1<<63 - 1} {
		f.Add(v, []byte{0xff, 0x01})
	}
	f.Fuzz(func(t *testing.T, v int64, digits []byte) {
		timestamps := []struct {
			unit time.Duration
			at   time.Time
			form string
		}{
			{time.Millisecond, time.UnixMilli(v), "2006-01-02T15:04:05.000Z"},
			{time.Microsecond, time.UnixMicro(v), "2006-01-02T15:04:05.000000Z"},
			{time.Nanosecond, time.Unix(0, v), "2006-01-02T15:04:05.000000000Z"},
		}
		for _, c := range timestamps {
			want := chunk.AppendInt(nil, v)
			if y := c.at.UTC().Year(); y >= 0 && y <= 9999 {
				want = chunk.AppendString(nil, c.at.UTC().Format(c.form))
			}
			tr := Transcoder{}
			tr.appendTimestamp(v, &node{kind: kindTimestamp, unit: c.unit})
			if !bytes.Equal(tr.dst, want) {
				t.Errorf("%d %s: got %q, want %q", v, c.unit, tr.dst, want)
			}
		}
		holdDecimal(t, digits, int(uint16(v)%40))
	})
}

func holdDecimal(t *testing.T, digits []byte, scale int) {
	if len(digits) > maxDecimal {
		return
	}
	n := new(big.Int).SetBytes(digits)
	if len(digits) > 0 && digits[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(digits))))
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	want := new(big.Rat).SetFrac(n, unit).FloatString(scale)
	var tr Transcoder
	if err := tr.appendDecimal(digits, scale); err != nil {
		t.Fatal(err)
	}
	if got, _, _ := chunk.ReadStringZC(tr.dst); string(got) != want {
		t.Errorf("%x of scale %d: got %q, want %q", digits, scale, got, want)
	}
}

// FuzzCompile holds that no text breaks the compiler.
func FuzzCompile(f *testing.F) {
	f.Add(sampleSchema, "")
	f.Add(`{"type":"record","name":"A","fields":[{"name":"b","type":".B"}]}`, `{"type":"enum","name":"B","symbols":[]}`)
	f.Fuzz(func(t *testing.T, schema, reference string) {
		src := Source{Text: schema}
		if reference != "" {
			src.References = []string{reference}
		}
		s, err := Compile(src)
		if (err == nil) != (s != nil) {
			t.Fatalf("%v and %v", s, err)
		}
		var types avro.SchemaCache
		for _, text := range append(src.References, schema) {
			if _, libraryErr := types.Parse(text, avro.WithLaxNames(nil)); libraryErr != nil {
				return
			}
		}
		if err != nil {
			t.Fatalf("the library parses it, but: %v", err)
		}
	})
}
