package outlogtide

import (
	"bytes"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

// textOf returns the text of a value: what a string holds, or the JSON of a
// number or a bool, written over scratch. Nothing but NUL bytes is no text,
// and a list or map has none.
func textOf(scratch, value []byte) (text, grown []byte, ok bool) {
	switch chunk.KindOf(value) {
	case chunk.String, chunk.Bin:
		text, _, err := chunk.ReadKeyZC(value)
		return text, scratch, err == nil && !blank(text)
	case chunk.Int, chunk.Uint, chunk.Float, chunk.Bool:
		out, err := jsontext.Append(scratch[:0], value)
		return out, out, err == nil
	default:
		return nil, scratch, false
	}
}

// blank reports whether nothing is left of text without its NUL bytes.
func blank(text []byte) bool {
	for _, c := range text {
		if c != 0 {
			return false
		}
	}
	return true
}

// escapedNUL is how package jsontext writes the character that LogTide's
// database takes in no text: it answers 500 for the whole batch.
var escapedNUL = []byte(`\u0000`)

// stripNULs removes every NUL character from the JSON in dst[start:].
func stripNULs(dst []byte, start int) []byte {
	at := bytes.Index(dst[start:], escapedNUL)
	if at < 0 {
		return dst
	}
	// The match can be the tail of an escaped backslash, so reading starts
	// where escapes do.
	text := dst[start:]
	out := dst[:start]
	for len(text) > 0 {
		switch n := bytes.IndexByte(text, '\\'); {
		case n < 0:
			return append(out, text...)
		case bytes.HasPrefix(text[n:], escapedNUL):
			out = append(out, text[:n]...)
			text = text[n+len(escapedNUL):]
		default:
			// A backslash and what it escapes: jsontext never ends in one.
			out = append(out, text[:n+2]...)
			text = text[n+2:]
		}
	}
	return out
}
