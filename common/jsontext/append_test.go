package jsontext

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAppend(t *testing.T) {
	f := func(name, value, want string) {
		t.Helper()
		got, err := Append([]byte("x"), fromHex(t, value))
		if err != nil || string(got) != "x"+want {
			t.Errorf("%s: got %s, %v; want %s", name, got, err, want)
		}
	}
	f("nil", "c0", `null`)
	f("bools", "92 c2 c3", `[false,true]`)
	f("ints", "95 00 7f ff e0 d3 8000000000000000", `[0,127,-1,-32,-9223372036854775808]`)
	f("positive int", "d1 0100", `256`)
	f("uint64", "cf ffffffffffffffff", `18446744073709551615`)
	f("float64", "cb 3ff8000000000000", `1.5`)
	f("float32", "ca 3dcccccd", `0.1`)
	f("whole float", "cb 4008000000000000", `3.0`)
	f("large float", "cb 54b249ad2594c37d", `1e+100`)
	f("small float", "cb 3e112e0be826d695", `1e-09`)
	f("negative zero", "cb 8000000000000000", `-0.0`)
	f("NaN", "cb 7ff8000000000001", `null`)
	f("infinity", "ca ff800000", `null`)
	f("empty", "93 a0 90 80", `["",[],{}]`)
	f("map", "82 a1 61 01 a1 62 91 c0", `{"a":1,"b":[null]}`)
	f("repeated keys", "82 a1 61 01 a1 61 02", `{"a":1,"a":2}`)
	f("bin", "c4 02 68 69", `"hi"`)
	f("bin that is no text", "c4 02 ff 69", `"�i"`)
	f("other keys", "86 05 01 ff 02 c0 03 c3 04 cb3ff8000000000000 05 c4 01 62 06", `{"5":1,"-1":2,"null":3,"true":4,"1.5":5,"b":6}`)
	f("array as key", "81 92 a1 61 01 c0", `{"[\"a\",1]":null}`)
	f("map as key", "81 81 a1 61 01 c0", `{"{\"a\":1}":null}`)
	f("event time", "d7 00 00000001 00000002", `"1970-01-01T00:00:01.000000002Z"`)
	f("msgpack time of 4", "d6 ff 00000001", `"1970-01-01T00:00:01Z"`)
	f("msgpack time of 8", "d7 ff 00000008 00000001", `"1970-01-01T00:00:01.000000002Z"`)
	f("msgpack time of 12", "c7 0c ff 00000002 ffffffffffffffff", `"1969-12-31T23:59:59.000000002Z"`)
	f("no time", "d7 00 00000001 ffffffff", `{"ext":0,"hex":"00000001ffffffff"}`)
	f("year 10000", "c7 0c ff 00000000 0000003afff44180", `{"ext":-1,"hex":"000000000000003afff44180"}`)
	f("ext", "d4 05 ab", `{"ext":5,"hex":"ab"}`)
}

func TestAppendString(t *testing.T) {
	for text, want := range map[string]string{
		"":                     `""`,
		"plain":                `"plain"`,
		`say "hi" \ there`:     `"say \"hi\" \\ there"`,
		"a\nb\rc\td":           `"a\nb\rc\td"`,
		"\x00\x1f\x7f":         `"\u0000\u001f` + "\x7f\"",
		"żółw 🐢 longer than 8": `"żółw 🐢 longer than 8"`,
		"</script>":            `"</script>"`,
		"\xff":                 "\"\uFFFD\"",
		"a\xc3":                "\"a\uFFFD\"",
		"\xed\xa0\x80":         "\"\uFFFD\uFFFD\uFFFD\"",
		"12345678\"":           `"12345678\""`,
		"1234567\x01":          `"1234567\u0001"`,
		"\u2028":               "\"\u2028\"",
	} {
		if got := string(AppendString(nil, []byte(text))); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestPlainFindsEachByteAtEachPlace(t *testing.T) {
	to := make([]byte, 17+8)
	for c := range 256 {
		special := c < 0x20 || c == '"' || c == '\\' || c >= 0x80
		for size := range 18 {
			for at := range size {
				text := []byte(strings.Repeat("x", size))
				text[at] = byte(c)
				want := size
				if special {
					want = at
				}
				for _, behind := range []string{"", "\"\x01\xff", "\"\"\"\"\"\"\"\"\"", "yyyyyyyyy"} {
					clear(to)
					if n := copyPlain(to, append(text, behind...), size); n != want || string(to[:n]) != string(text[:want]) {
						t.Fatalf("byte %#x at %d of %d before %q: got %d, %q", c, at, size, behind, n, to[:n])
					}
				}
			}
		}
	}
}

func TestAppendWithout(t *testing.T) {
	omit := omitOf("a", "c")
	f := func(value, want string) {
		t.Helper()
		if got, err := AppendWithout(nil, fromHex(t, value), omit); err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v; want %s", value, got, err, want)
		}
	}
	f("83 a1 61 01 a1 62 02 a1 63 03", `{"b":2}`)
	f("82 a1 61 01 a1 63 03", `{}`)
	f("82 a1 62 81 a1 61 01 a1 61 02", `{"b":{"a":1}}`)
	f("82 a1 61 01 a1 61 02", `{}`)
	if _, err := AppendWithout(nil, []byte{0x90}, nil); !errors.As(err, new(chunk.KindError)) {
		t.Errorf("an array: got %v", err)
	}
}

func TestAppendText(t *testing.T) {
	for value, want := range map[string]string{"a2 68 69": "hi", "c4 01 ff": "\uFFFD", "a0": "", "05": "5", "c3": "true", "91 a1 61": `["a"]`} {
		if got, err := AppendText([]byte("x"), fromHex(t, value)); err != nil || string(got) != "x"+want {
			t.Errorf("%s: got %s, %v; want %s", value, got, err, want)
		}
	}
}

func TestDepthIsBounded(t *testing.T) {
	nested := func(header string, n int) []byte { return []byte(strings.Repeat(header, n) + "\xc0") }
	for header, most := range map[string]int{"\x91": maxDepth, "\x81\xa1k": maxDepth} {
		if _, err := Append(nil, nested(header, most)); err != nil {
			t.Errorf("%q %d times: %v", header, most, err)
		}
		if got, err := Append([]byte("x"), nested(header, most+1)); !errors.Is(err, ErrDepth) || string(got) != "x" {
			t.Errorf("%q %d times: got %s, %v", header, most+1, got, err)
		}
	}
	// Maps as keys of maps as keys.
	if _, err := Append(nil, []byte("\x81\x81\x81\xc0\xc0\xc0\xc0")); !errors.Is(err, ErrDepth) {
		t.Errorf("got %v", err)
	}
}

func TestErrorsLeaveNothing(t *testing.T) {
	for _, value := range []string{"", "c1", "a5 61", "92 01", "81 a1 61", "81 c1 c0", "81 a1 61 c1", "cb 00", "cd 00", "d1 00", "d7 00"} {
		if got, err := Append([]byte("x"), fromHex(t, value)); err == nil || string(got) != "x" {
			t.Errorf("%s: got %s, %v", value, got, err)
		}
	}
}

func realEvent(t testing.TB) []byte {
	b, err := os.ReadFile("../chunk/testdata/plain.msgpack")
	if err != nil {
		t.Fatal(err)
	}
	r := chunk.NewReader(b)
	var ev chunk.Event
	if !r.Next(&ev) {
		t.Fatal(r.Err())
	}
	return ev.Body
}

func TestRealRecord(t *testing.T) {
	const want = `{"deviceid":"garage","f":12,"m":1,"t":"18.21","nested":{"a":[1,-2,3.5,true,null,"xé"]}}`
	if got, err := Append(nil, realEvent(t)); err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	body := realEvent(t)
	keys := fromHex(t, "83 05 c0 92 a1 61 01 d7 00 00000001 00000002 c0 cb3ff8000000000000")
	dst := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() {
		_, _ = Append(dst, body)
		_, _ = Append(dst, keys)
		_, _ = AppendText(dst, body)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppend(b *testing.B) {
	body := realEvent(b)
	dst := make([]byte, 0, 4096)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = Append(dst[:0], body)
	}
}

// FuzzAppend: whatever the bytes are, there is an error or valid JSON, and the same with
// whatever room there is for it.
func FuzzAppend(f *testing.F) {
	f.Add(realEvent(f))
	f.Add([]byte("\x82\x05\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00\x91\xa1\xff\xd4\x05\xab"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Append(nil, b)
		for _, room := range []int{len(got) + 600, len(got) + 1, len(got), len(got) / 2, len(b) % (len(got) + 1)} {
			if again, errAgain := Append(append(make([]byte, 0, room+1), '-'), b); string(again) != "-"+string(got) || (errAgain == nil) != (err == nil) {
				t.Fatalf("%x gives %s, %v, and with room for %d %s, %v", b, got, err, room, again, errAgain)
			}
		}
		if err != nil {
			return
		}
		if !json.Valid(got) {
			t.Fatalf("%x gives %s", b, got)
		}
		if len(got) > 64+16*len(b) {
			t.Fatalf("%d bytes give %d", len(b), len(got))
		}
	})
}

// pack writes what encoding/json reads as msgpack.
func pack(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return chunk.AppendNil(dst)
	case bool:
		return chunk.AppendBool(dst, v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return chunk.AppendInt(dst, int64(v))
		}
		return chunk.AppendFloat64(dst, v)
	case string:
		return chunk.AppendString(dst, v)
	case []any:
		dst = chunk.AppendArrayHeader(dst, len(v))
		for _, e := range v {
			dst = pack(dst, e)
		}
		return dst
	default:
		m := v.(map[string]any)
		dst = chunk.AppendMapHeader(dst, len(m))
		for k, e := range m {
			dst = pack(chunk.AppendString(dst, k), e)
		}
		return dst
	}
}

// FuzzRoundTrip: JSON to msgpack to JSON means the same to encoding/json.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte(`{"a":[1,-2,3.5e300,true,null,"x\u0000\"\\é🐢"],"b":{"c":""}}`))
	f.Add([]byte(`[0.1,1e-9,123456789012345678]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var v any
		if json.Unmarshal(text, &v) != nil {
			return
		}
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Append(make([]byte, 0, 6*len(text)+600), pack(nil, v))
		if errors.Is(err, ErrDepth) {
			return
		}
		var back any
		if err != nil || json.Unmarshal(got, &back) != nil {
			t.Fatalf("%s gives %s, %v", want, got, err)
		}
		again, err := json.Marshal(back)
		// -0 is an integer here and a float there.
		norm := strings.NewReplacer("-0", "0")
		if err != nil || norm.Replace(string(again)) != norm.Replace(string(want)) {
			t.Fatalf("%s gives %s", want, got)
		}
	})
}

// slowFloat is appendFloat by strconv alone.
func slowFloat(v float64) string {
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	text := strconv.FormatFloat(v, format, -1, 64)
	if format == 'f' && v == math.Trunc(v) {
		text += ".0"
	}
	return text
}

// FuzzFloat: numbers of few decimals are written as all others, with the fewest
// digits that give them back.
func FuzzFloat(f *testing.F) {
	for _, v := range []float64{
		0, math.Copysign(0, -1), 1, -1, 3, 0.5, -0.25, 0.1, 0.3, 0.1 + 0.2, 7.919, 99.999, 1e-6, 1.5e-6, 9.99e-7, 123456.789012, 123456.7890123,
		999999999.999999, 1e9, 1e9 + 0.000001, -1e9, 1e15, 1e21, 1 << 53, 5e-324, math.MaxFloat64,
	} {
		f.Add(math.Float64bits(v), int64(v*1e6))
	}
	f.Fuzz(func(t *testing.T, bits uint64, millionths int64) {
		for _, v := range []float64{math.Float64frombits(bits), float64(millionths) / 1e6, float64(millionths) / 1e3, float64(int32(millionths)) / 1e6} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				continue
			}
			if got := string(appendFloat(nil, v, 64)); got != slowFloat(v) {
				t.Errorf("got %s, want %s", got, slowFloat(v))
			}
		}
	})
}

func BenchmarkFloat(b *testing.B) {
	dst := make([]byte, 0, 64)
	for _, v := range []float64{7.919, math.Pi} {
		b.Run(slowFloat(v), func(b *testing.B) {
			for b.Loop() {
				dst = appendFloat(dst[:0], v, 64)
			}
		})
	}
}
