package logfmt

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

func TestAppend(t *testing.T) {
	for src, want := range map[string]string{
		`level=info msg="took 12 ms" retry`:  `{"level":"info","msg":"took 12 ms","retry":true}`,
		`a=`:                                 `{"a":""}`,
		`a="" b`:                             `{"a":"","b":true}`,
		"  a=1\t\tb=2 \r\n c=3\n":            `{"a":"1","b":"2","c":"3"}`,
		`a=b=c`:                              `{"a":"b=c"}`,
		`a=x"y`:                              `{"a":"x\"y"}`,
		`a=1 a=2`:                            `{"a":"1","a":"2"}`,
		`msg="a \"b\" \\ \n\t\/"`:            `{"msg":"a \"b\" \\ \n\t/"}`,
		`path="C:\dir\x"`:                    `{"path":"C:\\dir\\x"}`,
		`u="\u00e9 \ud83d\ude00 \ud83d \uZ"`: `{"u":"é 😀 � \\uZ"}`,
		`käse="weiß" $[0].x=1`:               `{"käse":"weiß","$[0].x":"1"}`,
		"a=\"two\nlines\"":                   `{"a":"two\nlines"}`,
		`a=1 ` + strings.Repeat("b ", 20):    `{"a":"1"` + strings.Repeat(`,"b":true`, 20) + `}`,
		`l="` + strings.Repeat(`\n`, 300) + `" z=1`: `{"l":"` + strings.Repeat(`\n`, 300) + `","z":"1"}`,
	} {
		got, err := Append([]byte("x"), []byte(src))
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		text, err := jsontext.Append(nil, got[1:])
		if err != nil || got[0] != 'x' || string(text) != want {
			t.Errorf("%s:\n got %s, %v\nwant %s", src, text, err, want)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	for src, want := range map[string]error{
		"":                        ErrNoPair,
		" \n":                     ErrNoPair,
		"a sentence of words":     ErrNoPair,
		`{"a":1}`:                 ErrKey,
		"=a":                      ErrKey,
		`a=1 "b"`:                 ErrKey,
		`a="b`:                    ErrQuote,
		`a="b\"`:                  ErrQuote,
		`a="b\`:                   ErrQuote,
		`a="b"c`:                  ErrAfter,
		`a="b"=c`:                 ErrAfter,
		"\x00\xff":                ErrNoPair,
		strings.Repeat("a ", 1e6): ErrNoPair,
	} {
		got, err := Append([]byte("x"), []byte(src))
		if !errors.Is(err, want) || !bytes.Equal(got, []byte("x")) {
			t.Errorf("%.40q: %v, want %v; dst came back as %.20q", src, err, want, got)
		}
	}
}

// FuzzAppend holds that any bytes are one map of bounded size, or an error and
// nothing.
func FuzzAppend(f *testing.F) {
	for _, s := range []string{`a=1 b="x\u00e9" c`, `a="\`, `a="\ud800\u"`, "=", "\x00a=\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := Append([]byte("x"), src)
		if err != nil {
			if string(got) != "x" {
				t.Fatalf("%q: %v, and dst came back as %q", src, err, got)
			}
			return
		}
		value, rest, err := chunk.ReadValueZC(got[1:])
		if err != nil || len(rest) > 0 || chunk.KindOf(value) != chunk.Map {
			t.Fatalf("%q became %x: %v", src, got, err)
		}
		if len(got) > 3*len(src)+8 {
			t.Fatalf("%d bytes out of %d", len(got), len(src))
		}
		// What a reader of the map finds are bytes of the source, but for
		// escapes.
		n, b, _ := chunk.ReadMapHeader(value)
		for range n {
			var key []byte
			if key, b, err = chunk.ReadKeyZC(b); err != nil || len(key) == 0 || !bytes.Contains(src, key) {
				t.Fatalf("%q has the key %q: %v", src, key, err)
			}
			if b, err = chunk.Skip(b); err != nil {
				t.Fatal(err)
			}
		}
	})
}

const sample = `ts=2026-11-20T10:00:00.123456Z level=info service=checkout host=node-17.eu-west-1.example msg="order accepted after payment" order.id=918273645 order.total=129.95 trace_id=4bf92f3577b34da6a3ce929d0e0e4736 duration_ms=41.7 retry=false user=u-59137`

func TestAppendAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 1024)
	src := []byte(sample + ` q="\u00e9\n"`)
	if n := testing.AllocsPerRun(100, func() { _, _ = Append(dst, src) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppend(b *testing.B) {
	src := []byte(sample)
	var dst []byte
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = Append(dst[:0], src)
	}
}
