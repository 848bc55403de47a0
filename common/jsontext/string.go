package jsontext

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendString appends text as a JSON string, with its quotes.
func AppendString(dst, text []byte) []byte {
	dst = append(dst, '"')
	for {
		dst, text = appendPlain(dst, text)
		if len(text) == 0 {
			return append(dst, '"')
		}
		if c := text[0]; c < utf8.RuneSelf {
			dst = appendEscape(dst, c)
			text = text[1:]
		} else {
			dst, text = appendRunes(dst, text)
		}
	}
}

// AppendValid appends text with each byte that is not UTF-8 replaced.
func AppendValid(dst, text []byte) []byte {
	for len(text) > 0 {
		n := 0
		for n < len(text) && text[n] < utf8.RuneSelf {
			n++
		}
		dst = append(dst, text[:n]...)
		dst, text = appendRunes(dst, text[n:])
	}
	return dst
}

// appendRunes appends the run of bytes above ASCII at the front of text, and
// returns what follows it.
func appendRunes(dst, text []byte) (out, rest []byte) {
	for len(text) > 0 && text[0] >= utf8.RuneSelf {
		// An invalid byte gives U+FFFD and the size 1.
		r, size := utf8.DecodeRune(text)
		dst = utf8.AppendRune(dst, r)
		text = text[size:]
	}
	return dst, text
}

// appendEscape appends an ASCII character that cannot stand in a JSON string.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0x0f])
	}
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// appendPlain appends the bytes at the front of text that can stand in a JSON
// string as they are: ASCII but for quotes, backslashes and control
// characters. It looks at eight at a time and copies them in the same step:
// strings are short, and a call to copy them would be a good part of the cost.
func appendPlain(dst, text []byte) (out, rest []byte) {
	start := len(dst)
	dst = slices.Grow(dst, len(text)+8)
	to := dst[start:cap(dst)]
	n := 0
	for ; len(text)-n >= 8; n += 8 {
		w := binary.LittleEndian.Uint64(text[n:])
		// What is written too much is overwritten, or behind the end.
		binary.LittleEndian.PutUint64(to[n:], w)
		if special := specials(w); special != 0 {
			n += bits.TrailingZeros64(special) / 8
			return dst[:start+n], text[n:]
		}
	}
	for ; n < len(text); n++ {
		c := text[n]
		if c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
		to[n] = c
	}
	return dst[:start+n], text[n:]
}

// specials sets the high bit of each byte of w that is not plain. Bytes above
// the first such one may be marked wrongly, since subtractions borrow.
func specials(w uint64) uint64 {
	quote := w ^ '"'*ones
	backslash := w ^ '\\'*ones
	return (w | (w - 0x20*ones) | (quote - ones) | (backslash - ones)) & highs
}
