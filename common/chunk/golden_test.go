package chunk

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// goldens are the chunks in testdata, by name.
func goldens(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.msgpack")
	if err != nil || len(files) < 11 {
		t.Fatalf("%d golden chunks, %v", len(files), err)
	}
	all := map[string][]byte{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".msgpack")] = b
	}
	return all
}

// Each chunk, as it came from a real Fluent Bit, must read as its description says, which another decoder wrote: see
// testdata/README.md.
func TestReaderReadsRealChunks(t *testing.T) {
	for name, b := range goldens(t) {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile("testdata/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			r := NewReader(b)
			var got []byte
			for ev := (Event{}); r.Next(&ev); {
				got = appendEvent(t, got, &ev)
			}
			if err := r.Err(); err != nil || r.Offset() != len(b) {
				t.Fatalf("read %d bytes of %d: %v", r.Offset(), len(b), err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A chunk that is cut off anywhere gives the events in front of the cut, unchanged, and an error unless the cut is between
// two events.
func TestReaderReadsCutChunks(t *testing.T) {
	for name, b := range goldens(t) {
		var whole []Event
		ends := map[int]bool{0: true}
		r := NewReader(b)
		for ev := (Event{}); r.Next(&ev); {
			whole = append(whole, ev)
		}
		for at, n := 0, 0; at < len(b); n++ {
			end, err := skip(b, at)
			if err != nil {
				t.Fatal(err)
			}
			at, ends[end] = end, true
		}
		for cut := range len(b) {
			r := NewReader(b[:cut])
			n := 0
			for ev := (Event{}); r.Next(&ev); n++ {
				if want := &whole[n]; ev.Time != want.Time || !bytes.Equal(ev.Body, want.Body) ||
					!bytes.Equal(ev.Metadata, want.Metadata) || !bytes.Equal(ev.GroupBody, want.GroupBody) {
					t.Fatalf("%s cut at %d: event %d differs", name, cut, n)
				}
			}
			if (r.Err() == nil) != ends[cut] || r.Resume() != ends[cut] {
				t.Fatalf("%s cut at %d: %v", name, cut, r.Err())
			}
		}
	}
}

func appendEvent(t *testing.T, dst []byte, ev *Event) []byte {
	t.Helper()
	dst = fmt.Appendf(dst, "time %d.%09d\n", ev.Time/1e9, ev.Time%1e9)
	for _, part := range []struct {
		name string
		m    []byte
	}{{"metadata", ev.Metadata}, {"body", ev.Body}, {"group metadata", ev.GroupMetadata}, {"group body", ev.GroupBody}} {
		if part.m == nil {
			continue
		}
		text, rest, err := appendValue(fmt.Appendf(dst, "%s ", part.name), part.m)
		if err != nil || len(rest) > 0 {
			t.Fatalf("%s: %v, %d bytes left", part.name, err, len(rest))
		}
		dst = append(text, '\n')
	}
	return append(dst, '\n')
}

// appendValue describes the value at the front of b with the functions that outputs read records with.
func appendValue(dst, b []byte) (out, rest []byte, err error) {
	switch KindOf(b) {
	case Nil:
		rest, err = ReadNil(b)
		return append(dst, "null"...), rest, err
	case Bool:
		v, rest, err := ReadBool(b)
		return strconv.AppendBool(dst, v), rest, err
	case Int:
		v, rest, err := ReadInt(b)
		return strconv.AppendInt(dst, v, 10), rest, err
	case Uint:
		v, rest, err := ReadUint(b)
		return strconv.AppendUint(dst, v, 10), rest, err
	case Float:
		v, bits, rest, err := ReadFloat(b)
		text := strconv.FormatFloat(v, 'g', -1, bits)
		if !strings.ContainsAny(text, ".eIN") {
			text += ".0"
		}
		return append(dst, text...), rest, err
	case String:
		v, rest, err := ReadStringZC(b)
		return strconv.AppendQuote(dst, string(v)), rest, err
	case Bin:
		v, rest, err := ReadBinZC(b)
		return fmt.Appendf(dst, "0x%x", v), rest, err
	case Ext:
		typ, v, rest, err := ReadExtZC(b)
		return fmt.Appendf(dst, "ext(%d, 0x%x)", typ, v), rest, err
	case Array:
		n, rest, err := ReadArrayHeader(b)
		return appendValues(dst, rest, err, "[]", n, 1)
	default:
		n, rest, err := ReadMapHeader(b)
		return appendValues(dst, rest, err, "{}", n, 2)
	}
}

// appendValues describes n elements, each of one value or of a key and a value.
func appendValues(dst, b []byte, err error, brackets string, n, width int) (out, rest []byte, _ error) {
	dst = append(dst, brackets[0])
	for i := range n * width {
		switch {
		case i%width != 0:
			dst = append(dst, ": "...)
		case i > 0:
			dst = append(dst, ", "...)
		}
		if err == nil {
			dst, b, err = appendValue(dst, b)
		}
	}
	return append(dst, brackets[1]), b, err
}
