package logfmt

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

func TestEncode(t *testing.T) {
	omit := &jsontext.Omit{}
	omit.Add("gone")
	omit.Add("n", "gone")
	f := func(want string, pairs ...[]byte) {
		t.Helper()
		record := chunk.AppendMapHeader(nil, len(pairs)/2)
		for _, p := range pairs {
			record = append(record, p...)
		}
		if got, err := Encode([]byte("x"), record, omit); err != nil || string(got) != "x"+want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
	text := func(s string) []byte { return chunk.AppendString(nil, s) }
	f("")
	f("a=b", text("a"), text("b"))
	f(`a=b c="d e"`, text("a"), text("b"), text("c"), text("d e"))
	f(`c=1`, text("gone"), text("b"), text("c"), []byte{1})
	f(`a="" b="say \"hi\"\n" c="x=y" d=C:\dir e=é😀`, text("a"), text(""), text("b"), text("say \"hi\"\n"), text("c"), text("x=y"), text("d"), text(`C:\dir`), text("e"), text("é😀"))
	f(`a=5 b=-1 c=true d=null e=1.5`, text("a"), []byte{5}, text("b"), []byte{0xff}, text("c"), []byte{0xc3}, text("d"), []byte{0xc0}, text("e"), chunk.AppendFloat64(nil, 1.5))
	f(`n="{\"a\":1}" l="[1,\"x\"]"`, text("n"), []byte("\x82\xa1a\x01\xa4gone\x02"), text("l"), []byte("\x92\x01\xa1x"))
	f(`a_b_c=1 _=2 5=3`, text("a b=c"), []byte{1}, text(""), []byte{2}, []byte{5}, []byte{3})
	f("a=\"�\" b=\"\\u0000\"", text("a"), text("\xff"), text("b"), text("\x00"))
}

func TestEncodeRefuses(t *testing.T) {
	f := func(record string, want error) {
		t.Helper()
		if got, err := Encode([]byte("x"), []byte(record), nil); !errors.Is(err, want) || string(got) != "x" {
			t.Errorf("%q: got %q, %v", record, got, err)
		}
	}
	f("\x81\xa1a", chunk.ErrTruncated)
	f("\x82\xa1a\x01\xa1b\xc1", chunk.ErrInvalidByte)
	f("\x81\xa1a"+strings.Repeat("\x91", 200)+"\x01", jsontext.ErrDepth)
}

// FuzzEncode: what was read from logfmt is written so that it is read again as
// the same.
func FuzzEncode(f *testing.F) {
	for _, line := range []string{`level=info msg="took 12 ms" retry`, `a="" b="\n\u0000\"" c=\\`, "a=\xff é=\"\xff\"", `a="{\"b\":1}"`} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		record, err := Append(nil, line)
		if err != nil {
			// No line, but it must not break the encoder either.
			_, _ = Encode(nil, line, nil)
			return
		}
		first, err := Encode(nil, record, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Append(nil, first)
		if err != nil {
			t.Fatalf("%q became %q: %v", line, first, err)
		}
		second, err := Encode(nil, again, nil)
		// What was no UTF-8 needs no quotes once it is.
		if err != nil || !bytes.Equal(first, second) && utf8.Valid(line) {
			t.Fatalf("%q became %q and %q: %v", line, first, second, err)
		}
	})
}
