package avropack

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/jsontext"
)

func compile(t testing.TB, schema string, references ...string) *Schema {
	t.Helper()
	s, err := Compile(Source{Text: schema, References: references})
	if err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	return s
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAppend holds what becomes of every type, as JSON. The bytes are from the
// encoding's rules, not from a library.
func TestAppend(t *testing.T) {
	fixed := func(size, logical string) string {
		return `{"type":"fixed","name":"F","size":` + size + `,"logicalType":` + logical + `}`
	}
	long := func(logical string) string { return `{"type":"long","logicalType":"` + logical + `"}` }
	for _, c := range []struct{ schema, src, want string }{
		{`"null"`, "", `null`},
		{`"boolean"`, "01", `true`},
		{`"int"`, "03", `-2`},
		{`"int"`, "ffffffff0f", `-2147483648`},
		{`"long"`, "ffffffffffffffffff01", `-9223372036854775808`},
		{`"long"`, "feffffffffffffffff01", `9223372036854775807`},
		{`"float"`, "cdcccc3d", `0.1`},
		{`"double"`, "9a9999999999b93f", `0.1`},
		{`"double"`, "000000000000f07f", `null`},
		{`"string"`, "06 666f6f", `"foo"`},
		{`"string"`, "00", `""`},
		{`"bytes"`, "06 ff00ff", `"/wD/"`},
		{`{"type":"fixed","name":"F","size":2}`, "0102", `"AQI="`},
		{`{"type":"enum","name":"E","symbols":["A","B"]}`, "02", `"B"`},
		{`["null","string"]`, "00", `null`},
		{`["null","string"]`, "02 02 78", `"x"`},
		{`{"type":"array","items":"long"}`, "04 06 36 00", `[3,27]`},
		{`{"type":"array","items":"long"}`, "00", `[]`},
		{`{"type":"array","items":"long"}`, "03 04 06 36 02 08 00", `[3,27,4]`},
		{`{"type":"array","items":"null"}`, "06 00", `[null,null,null]`},
		{`{"type":"map","values":"int"}`, "04 02 61 02 02 62 04 00", `{"a":1,"b":2}`},
		{`{"type":"map","values":"int"}`, "02 02 61 02 02 02 61 04 00", `{"a":1,"a":2}`},
		{`{"type":"record","name":"R","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"}]}`, "36 06 666f6f", `{"a":27,"b":"foo"}`},
		{`{"type":"record","name":"R","fields":[]}`, "", `{}`},
		{`{"type":"record","name":"L","namespace":"n","fields":[{"name":"v","type":"int"},{"name":"next","type":["null","L"]}]}`, "02 02 04 00", `{"v":1,"next":{"v":2,"next":null}}`},

		{`{"type":"int","logicalType":"date"}`, "00", `"1970-01-01"`},
		{`{"type":"int","logicalType":"date"}`, "01", `"1969-12-31"`},
		{`{"type":"int","logicalType":"date"}`, "feffffff0f", `2147483647`},
		{`{"type":"int","logicalType":"time-millis"}`, "aec9aa22", `"10:00:00.343"`},
		{`{"type":"int","logicalType":"time-millis"}`, "01", `-1`},
		{long("time-micros"), "02", `"00:00:00.000001"`},
		{long("timestamp-millis"), "02", `"1970-01-01T00:00:00.001Z"`},
		{long("timestamp-millis"), "01", `"1969-12-31T23:59:59.999Z"`},
		{long("timestamp-micros"), "02", `"1970-01-01T00:00:00.000001Z"`},
		{long("timestamp-nanos"), "02", `"1970-01-01T00:00:00.000000001Z"`},
		{long("local-timestamp-millis"), "02", `"1970-01-01T00:00:00.001"`},
		{long("timestamp-millis"), "feffffffffffffffff01", `9223372036854775807`},
		{long("local-date"), "02", `1`},
		{`{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}`, "06 04d2ff", `"3161.59"`},
		{`{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}`, "02 ff", `"-0.01"`},
		{`{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}`, "00", `"0.00"`},
		{`{"type":"bytes","logicalType":"decimal","precision":9}`, "02 80", `"-128"`},
		{`{"type":"bytes","logicalType":"decimal","precision":60}`, "22 8000000000000000000000000000000000", `"-43556142965880123323311949751266331066368"`},
		{`{"type":"bytes","logicalType":"decimal","precision":39}`, "20 80000000000000000000000000000000", `"-170141183460469231731687303715884105728"`},
		{`{"type":"bytes","logicalType":"decimal","precision":39}`, "20 7fffffffffffffffffffffffffffffff", `"170141183460469231731687303715884105727"`},
		{fixed("4", `"decimal","precision":9,"scale":3`), "fffffc18", `"-1.000"`},
		{fixed("16", `"uuid"`), "0123456789abcdef0123456789abcdef", `"01234567-89ab-cdef-0123-456789abcdef"`},
		{fixed("12", `"duration"`), "01000000 02000000 bc0b0000", `"P1M2DT3.004S"`},
		{fixed("12", `"duration"`), "00000000 00000000 00000000", `"PT0S"`},
		{`{"type":"string","logicalType":"uuid"}`, "02 78", `"x"`},
	} {
		var tr Transcoder
		got, err := tr.Append([]byte("x"), unhex(t, c.src), compile(t, c.schema))
		if err != nil {
			t.Errorf("%s, %s: %v", c.schema, c.src, err)
			continue
		}
		text, err := jsontext.Append(nil, got[1:])
		if err != nil || string(text) != c.want || got[0] != 'x' {
			t.Errorf("%s, %s: got %s, want %s (%v)", c.schema, c.src, text, c.want, err)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	deep := strings.Repeat("02", MaxDepth)
	list := `{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}`
	for _, c := range []struct {
		schema, src string
		want        error
	}{
		{`"boolean"`, "", ErrTruncated},
		{`"boolean"`, "02", errBoolean},
		{`"int"`, "80", ErrTruncated},
		{`"int"`, "feffffff1f", errInt},
		{`"long"`, "ffffffffffffffffffff01", errVarint},
		{`"float"`, "000000", ErrTruncated},
		{`"double"`, "00000000000000", ErrTruncated},
		{`"string"`, "04 61", ErrTruncated},
		{`"string"`, "01", errLength},
		{`"string"`, "feffffffffffffffff01", ErrTruncated},
		{`"string"`, "02 61 62", ErrTrailing},
		{`"null"`, "00", ErrTrailing},
		{`{"type":"fixed","name":"F","size":2}`, "01", ErrTruncated},
		{`{"type":"enum","name":"E","symbols":["A"]}`, "02", errSymbol},
		{`{"type":"enum","name":"E","symbols":["A"]}`, "01", errSymbol},
		{`["null","int"]`, "04", errBranch},
		{`["null","int"]`, "01", errBranch},
		{`[]`, "00", errBranch},
		{`{"type":"array","items":"int"}`, "02 02", ErrTruncated},
		{`{"type":"array","items":"int"}`, "01 01 02 00", errLength},
		{`{"type":"array","items":"int"}`, "ffffffffffffffffff01 00", errLength},
		{`{"type":"array","items":"int"}`, "feffffffffffffffff01", ErrTruncated},
		{`{"type":"array","items":"null"}`, "8080808010 00", ErrTruncated},
		{`{"type":"array","items":"null"}`, "8040 8040 00", ErrTooMany},
		{`{"type":"map","values":"null"}`, "02 08 61", ErrTruncated},
		{list, deep + "00", ErrDepth},
		{`{"type":"record","name":"A","fields":[{"name":"a","type":"A"}]}`, "", ErrDepth},
		{`{"type":"bytes","logicalType":"decimal","precision":4}`, "8210" + strings.Repeat("00", 1025), errDecimal},
	} {
		var tr Transcoder
		s := compile(t, c.schema)
		got, err := tr.Append([]byte("x"), unhex(t, c.src), s)
		if !errors.Is(err, c.want) || !bytes.Equal(got, []byte("x")) {
			t.Errorf("%s, %.40s: %x, %v; want %v", c.schema, c.src, got, err, c.want)
		}
	}
}

// TestZeroSize holds that a schema whose records double at every level ends
// early: it takes no bytes to write one.
func TestZeroSize(t *testing.T) {
	schema := `{"type":"record","name":"R0","fields":[]}`
	for _, name := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z"} {
		schema = `{"type":"record","name":"R_` + name + `","fields":[{"name":"l","type":` + schema + `},{"name":"r","type":"` + nameIn(schema) + `"}]}`
	}
	var tr Transcoder
	if got, err := tr.Append(nil, nil, compile(t, schema)); !errors.Is(err, ErrTooMany) || len(got) > 0 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// nameIn returns the first name in a schema's text.
func nameIn(schema string) string {
	_, rest, _ := strings.Cut(schema, `"name":"`)
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

func TestOutputIsBounded(t *testing.T) {
	name := strings.Repeat("n", 1000)
	s := compile(t, `{"type":"array","items":{"type":"record","name":"R","fields":[{"name":"`+name+`","type":"boolean"}]}}`)
	src := append([]byte{0xc0, 0x84, 0x3d + 0x40}, make([]byte, 1<<21)...) // a block of about a million
	var tr Transcoder
	if _, err := tr.Append(nil, src, s); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

func TestErrorNamesTheField(t *testing.T) {
	s := compile(t, `{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"long"},
		{"name":"items","type":{"type":"array","items":{"type":"record","name":"Item","fields":[{"name":"sku","type":"string"}]}}}]}`)
	var tr Transcoder
	_, err := tr.Append(nil, unhex(t, "02 02 0c 73656372"), s)
	if want := "field sku of shop.Item: the bytes end inside a value"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := tr.Append(nil, unhex(t, "02 00 00"), s); !errors.Is(err, ErrTrailing) || strings.Contains(err.Error(), "sku") {
		t.Errorf("the error after it: %v", err)
	}
}

func TestReferences(t *testing.T) {
	country := `{"type":"enum","name":"Country","namespace":"geo","symbols":["DE","IT"]}`
	address := `{"type":"record","name":"Address","namespace":"geo","fields":[{"name":"zip","type":"string"},{"name":"country","type":"Country"}]}`
	s := compile(t, `{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"to","type":"geo.Address"},{"name":"from","type":["null","geo.Address"]},{"name":"c","type":"geo.Country"}]}`,
		country, address)
	var tr Transcoder
	got, err := tr.Append(nil, unhex(t, "02 37 02 02 02 38 00 02"), s)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := jsontext.Append(nil, got)
	if want := `{"to":{"zip":"7","country":"IT"},"from":{"zip":"8","country":"DE"},"c":"IT"}`; string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, schema := range []string{``, `x`, `"strung"`, `{"type":"record"}`, `{"type":"record","name":"R","fields":[{"name":"a","type":"Missing"}]}`, strings.Repeat("[", 1<<20)} {
		if _, err := Compile(Source{Text: schema}); err == nil {
			t.Errorf("%.40s: no error", schema)
		}
	}
}

// TestNames holds that names outside Avro's alphabet, which some writers let
// pass, do not keep a value from being read.
func TestNames(t *testing.T) {
	var tr Transcoder
	got, err := tr.Append(nil, []byte{2}, compile(t, `{"type":"record","name":"my-app.Log","fields":[{"name":"status-code","type":"int"}]}`))
	if text, _ := jsontext.Append(nil, got); err != nil || string(text) != `{"status-code":1}` {
		t.Errorf("%s, %v", text, err)
	}
}

func TestBlocksOfMany(t *testing.T) {
	s := compile(t, `{"type":"array","items":"long"}`)
	for _, sizes := range [][]int{{1, 15}, {15, 1}, {16, 1}, {1, 1, 70000}, {70000, 1}, {20}, {15}} {
		var src []byte
		total := 0
		for _, n := range sizes {
			src = appendLong(src, int64(n))
			for range n {
				src = appendLong(src, int64(total))
				total++
			}
		}
		src = append(src, 0)
		var tr Transcoder
		got, err := tr.Append([]byte("front"), src, s)
		if err != nil {
			t.Fatalf("%v: %v", sizes, err)
		}
		v, rest := unpack(t, got[len("front"):])
		list, _ := v.([]any)
		if len(list) != total || len(rest) > 0 {
			t.Fatalf("%v: %d values, %d bytes behind them", sizes, len(list), len(rest))
		}
		for i, item := range list {
			if item != int64(i) {
				t.Fatalf("%v: value %d is %v", sizes, i, item)
			}
		}
	}
}

// appendLong writes a long.
func appendLong(dst []byte, v int64) []byte {
	u := uint64(v<<1) ^ uint64(v>>63)
	for ; u >= 0x80; u >>= 7 {
		dst = append(dst, byte(u)|0x80)
	}
	return append(dst, byte(u))
}
