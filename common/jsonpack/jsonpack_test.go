package jsonpack

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestAppend(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{`null`, "c0"},
		{`true`, "c3"},
		{`false`, "c2"},
		{`0`, "00"},
		{` -1 `, "ff"},
		{`127`, "7f"},
		{`-33`, "d0df"},
		{`300`, "cd012c"},
		{`9223372036854775807`, "cf7fffffffffffffff"},
		{`-9223372036854775808`, "d38000000000000000"},
		{`18446744073709551615`, "cfffffffffffffffff"},
		{`18446744073709551616`, "b4" + hex.EncodeToString([]byte("18446744073709551616"))},
		{`1.5`, "cb3ff8000000000000"},
		{`1e3`, "cb408f400000000000"},
		{`-0`, "cb8000000000000000"},
		{`""`, "a0"},
		{`"a"`, "a161"},
		{`"\u00e9\n"`, "a3c3a90a"},
		{`"\ud83d\ude00"`, "a4f09f9880"},
		{`[]`, "90"},
		{`[1,[2],{}]`, "9301910280"},
		{`{}`, "80"},
		{`{"a":1,"a":2,"":3}`, "83a16101a16102a003"},
		{`[` + strings.Repeat("1,", 15) + `1]`, "dc0010" + strings.Repeat("01", 16)},
	} {
		got, _, err := New().Append([]byte("x"), []byte(c.src))
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
		} else if want := hex.EncodeToString([]byte("x")) + c.want; hex.EncodeToString(got) != want {
			t.Errorf("%s: got %x, want %s", c.src, got, want)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, src := range []string{
		``, ` `, `x`, `nul`, `tru`, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{null:2}`, `1e999`, `[1,]`, `[1`,
		`"a`, `"\x"`, `01`, `-`, `1.`, `.5`, `1e`, `+1`, `0x1`, `1 2`, `{} {}`, `{}x`, "{}\x00", `NaN`, `Infinity`, "\"a\nb\"",
		strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
		strings.Repeat("[", 1000000),
	} {
		tr := New()
		got, _, err := tr.Append([]byte("x"), []byte(src))
		if err == nil {
			t.Errorf("%.40q: no error, got %x", src, got)
		}
		if !bytes.Equal(got, []byte("x")) {
			t.Errorf("%.40q: dst came back as %x", src, got)
		}
		if err != nil && len(err.Error()) > 200 {
			t.Errorf("%.40q: the error quotes the text: %v", src, err)
		}
		// An error must not spoil the next conversion.
		if got, _, err := tr.Append(nil, []byte(`[1]`)); err != nil || !bytes.Equal(got, []byte{0x91, 1}) {
			t.Errorf("%.40q: the value after it: %x, %v", src, got, err)
		}
	}
}

func TestKind(t *testing.T) {
	for src, want := range map[string]Kind{`{"a":1}`: Object, `[{}]`: Other, `1`: Other} {
		if _, kind, err := New().Append(nil, []byte(src)); kind != want || err != nil {
			t.Errorf("%s: kind %v, %v", src, kind, err)
		}
	}
}

// FuzzAppend holds the Transcoder against encoding/json: what that takes must
// be taken, and nothing else, but for differences named here.
func FuzzAppend(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"x",null,true]}`, `"\ud800"`, `-0.0e-5`, `{"":""}`, "\"\x01\\n\"", `{"a":{"a":{"a":1}}}`} {
		f.Add([]byte(s))
	}
	tr := New()
	f.Fuzz(func(t *testing.T, src []byte) {
		got, _, err := tr.Append(nil, src)
		if len(got) > 9*len(src)/4+16 { // `1.5,` becomes nine bytes
			t.Fatalf("%d bytes out of %d", len(got), len(src))
		}
		if !json.Valid(src) {
			// json-iterator lets two things pass: a control character in a
			// string that also has an escape, and null for a key behind a
			// comma.
			if err == nil && !bytes.Contains(src, []byte("null")) && bytes.IndexFunc(src, func(r rune) bool { return r < ' ' }) < 0 {
				t.Fatalf("%q is not JSON and was taken", src)
			}
			return
		}
		if err != nil && !errors.Is(err, ErrDepth) && !hugeNumber.Match(src) {
			t.Fatalf("%q: %v", src, err)
		}
	})
}

// hugeNumber is a number that json-iterator takes for a mistake: no float holds it.
var hugeNumber = regexp.MustCompile(`[0-9.]{300}|[eE]\+?[0-9]{3}`)

// FuzzScan holds that the scanner writes what the Iterator would.
func FuzzScan(f *testing.F) {
	for _, s := range []string{sample, `{"a":"x\"y","b":[0.1,123456789012345,-0.5,1e2]}`, `[[],{},"",0]`, `{"a" : 1 , "b":"\u00e9"}`, ` 0.000000000000001 `} {
		f.Add([]byte(s))
	}
	tr := New()
	f.Fuzz(func(t *testing.T, src []byte) {
		s := scanner{src: src, text: tr.text}
		got, kind, ok := s.scan(nil)
		if !ok {
			return
		}
		want, wantKind, err := tr.iterate(nil, src)
		if err != nil && hugeNumber.Match(src) {
			return
		}
		if err != nil {
			t.Fatalf("%q: scanned to %x, but %v", src, got, err)
		}
		if !bytes.Equal(got, want) || kind != wantKind {
			t.Fatalf("%q: scanned to %x, want %x", src, got, want)
		}
	})
}

// TestScanTakes holds that ordinary logs go the short way.
func TestScanTakes(t *testing.T) {
	tr := New()
	for _, src := range []string{sample, `{"a":"x\ty","n":null,"b":[true,false,-12.5,{}]}`, " { \"a\" : [ 1 , 2 ] } \n"} {
		s := scanner{src: []byte(src), text: tr.text}
		if _, _, ok := s.scan(nil); !ok {
			t.Errorf("%s went the long way", src)
		}
	}
}

const sample = `{"ts":"2026-11-20T10:00:00.123456Z","level":"info","service":"checkout","host":"node-17.eu-west-1.example","msg":"order accepted after payment","order":{"id":918273645,"total":129.95,"items":3},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","duration_ms":41.7,"retry":false,"user":"u-59137"}`

func BenchmarkAppend(b *testing.B) {
	tr, src := New(), []byte(sample)
	var dst []byte
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		dst, _, _ = tr.Append(dst[:0], src)
	}
}

// BenchmarkIterate is the same by json-iterator alone.
func BenchmarkIterate(b *testing.B) {
	tr, src := New(), []byte(sample)
	var dst []byte
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		dst, _, _ = tr.iterate(dst[:0], src)
	}
}

// BenchmarkUnmarshal is what a plugin does that reads JSON into a map.
func BenchmarkUnmarshal(b *testing.B) {
	src := []byte(sample)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		var m map[string]any
		if err := json.Unmarshal(src, &m); err != nil {
			b.Fatal(err)
		}
	}
}

// TestScanLengths holds both ways of copying a string against each other: at
// every length around their limits, at every distance from the text's end.
func TestScanLengths(t *testing.T) {
	tr := New()
	for length := range 80 {
		for _, behind := range []string{"", `,"` + strings.Repeat("z", 40) + `"`} {
			src := []byte(`["` + strings.Repeat("xyz", 30)[:length] + `"` + behind + `]`)
			s := scanner{src: src, text: tr.text}
			got, _, ok := s.scan([]byte("before"))
			want, _, err := tr.iterate([]byte("before"), src)
			if !ok || err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %x (%v), want %x (%v)", src, got, ok, want, err)
			}
		}
	}
}

// TestScanNumbers holds that the scanner takes numbers at the limits of what it
// reads by itself as the Iterator does.
func TestScanNumbers(t *testing.T) {
	tr := New()
	for _, src := range []string{
		"0", "-1", "9999999999999999999", "18446744073709551615", "18446744073709551616", "9223372036854775807", "9223372036854775808",
		"-9223372036854775807", "-9223372036854775808", "-9223372036854775809", "1763633000123456789", "-1763633000123456789", "-0", "-0.0", "0.0",
		"1.5", "-1.5", "99999999999999.9", "999999999999999.9", "0.000000000000001", "0.0000000000000001", "123456789012345678901234567890", "-12345678901234567890",
		"99999999999999999999999999999999999999999999999999999999999999.1",
	} {
		s := scanner{src: []byte(src), text: tr.text}
		got, _, ok := s.scan(nil)
		want, _, err := tr.iterate(nil, []byte(src))
		if !ok || err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x (%v), want %x (%v)", src, got, ok, want, err)
		}
	}
}
