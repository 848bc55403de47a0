package jsontext

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendString appends text as a JSON string, with its quotes.
func AppendString(dst, text []byte) []byte { return appendFront(dst, text, len(text)) }

// appendFront appends the n bytes at the front of b as a JSON string. With more
// bytes behind them it is faster.
func appendFront(dst, b []byte, n int) []byte {
	start := len(dst)
	dst = slices.Grow(dst, 1+n+8)
	to := dst[start:cap(dst)]
	to[0] = '"'
	plain := copyPlain(to[1:], b, n)
	if plain == n {
		to[1+n] = '"'
		return dst[:start+1+n+1]
	}
	return appendRest(dst[:start+1+plain], b[plain:n])
}

// appendShort appends a short plain string, which most of a record is, where there is room
// for it: in as few steps as can be.
func appendShort(dst, b []byte) (out, rest []byte, ok bool) {
	start, end := shortText(b)
	to, at, size := dst[:cap(dst)], len(dst), end-start
	if end == 0 || len(to)-at < size+2+8 || copyPlain(to[at+1:], b[start:], size) < size {
		return dst, b, false
	}
	to[at], to[at+1+size] = '"', '"'
	return to[:at+size+2], b[end:], true
}

// shortText tells where the text of the string at the front of b is, if it is one of up to
// 255 bytes, as nearly all are. end is 0 otherwise.
func shortText(b []byte) (start, end int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch c := b[0]; {
	case c&0xe0 == 0xa0:
		start, end = 1, 1+int(c&0x1f)
	case c == 0xd9:
		start, end = 2, 2+int(b[1])
	}
	if end > len(b) {
		return 0, 0
	}
	return start, end
}

// appendRest appends what follows the plain front of a string, and its quote.
func appendRest(dst, text []byte) []byte {
	for len(text) > 0 {
		if c := text[0]; c < utf8.RuneSelf {
			dst = appendEscape(dst, c)
			text = text[1:]
		} else {
			dst, text = appendRunes(dst, text)
		}
		start := len(dst)
		dst = slices.Grow(dst, len(text)+8)
		n := copyPlain(dst[start:cap(dst)], text, len(text))
		dst, text = dst[:start+n], text[n:]
	}
	return append(dst, '"')
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

// copyPlain copies those of the n bytes at the front of b that can stand in a
// JSON string as they are, up to the first other one, and returns how many:
// ASCII but for quotes, backslashes and control characters. It looks at eight at
// a time and copies them in the same step: strings are short, and a call to copy
// them would be a good part of the cost. to has room for n bytes and 8 more; what
// is written too much is behind the end, or overwritten.
func copyPlain(to, b []byte, n int) int {
	at := 0
	for ; n-at >= 16; at += 16 {
		w, x := binary.LittleEndian.Uint64(b[at:]), binary.LittleEndian.Uint64(b[at+8:])
		binary.LittleEndian.PutUint64(to[at:], w)
		binary.LittleEndian.PutUint64(to[at+8:], x)
		if specials(w)|specials(x) != 0 {
			break // the next loop finds where
		}
	}
	for ; len(b)-at >= 8; at += 8 {
		w := binary.LittleEndian.Uint64(b[at:])
		binary.LittleEndian.PutUint64(to[at:], w)
		special := specials(w)
		if left := n - at; left <= 8 {
			special &= 1<<(8*left) - 1 // what is behind the n bytes is not theirs
			if special == 0 {
				return n
			}
		}
		if special != 0 {
			return at + bits.TrailingZeros64(special)/8
		}
	}
	for at < n && isPlain(b[at]) {
		to[at] = b[at]
		at++
	}
	return at
}

func isPlain(c byte) bool { return c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf }

// specials sets the high bit of each byte of w that is not plain. Bytes above
// the first such one may be marked wrongly, since subtractions borrow.
func specials(w uint64) uint64 {
	quote := w ^ '"'*ones
	backslash := w ^ '\\'*ones
	return (w | (w - 0x20*ones) | (quote - ones) | (backslash - ones)) & highs
}
