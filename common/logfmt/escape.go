package logfmt

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/chunk"
)

// appendUnescaped appends text as a string with its escapes replaced. What
// replaces one is never longer than it, so the string is written behind the
// largest header that it may need and moved to the header that it has.
func appendUnescaped(dst, text []byte) []byte {
	start := len(dst)
	body := start + 5
	dst = append(dst, 0, 0, 0, 0, 0)
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			dst = append(dst, text[i])
			i++
			continue
		}
		var n int
		dst, n = appendEscape(dst, text[i:])
		i += n
	}
	unescaped := dst[body:]
	// The header is shorter than what was kept free, or as long, so nothing is
	// written over before it is read.
	return chunk.AppendString(dst[:start], unescaped)
}

// appendEscape appends what the escape at the front of b stands for, and
// returns its length.
func appendEscape(dst, b []byte) ([]byte, int) {
	switch b[1] { // a backslash never ends a quoted value
	case 'n':
		return append(dst, '\n'), 2
	case 'r':
		return append(dst, '\r'), 2
	case 't':
		return append(dst, '\t'), 2
	case 'b':
		return append(dst, '\b'), 2
	case 'f':
		return append(dst, '\f'), 2
	case '"', '\\', '/':
		return append(dst, b[1]), 2
	case 'u':
		return appendUnicode(dst, b)
	default:
		return append(dst, '\\'), 1
	}
}

// appendUnicode appends the character of \uXXXX, or of two of them that are a
// surrogate pair. A lone surrogate is no character, and becomes U+FFFD.
func appendUnicode(dst, b []byte) ([]byte, int) {
	r, ok := hex4(b)
	if !ok {
		return append(dst, '\\'), 1
	}
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(dst, r), 6
	}
	if low, ok := hex4(b[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return utf8.AppendRune(dst, pair), 12
		}
	}
	return utf8.AppendRune(dst, utf8.RuneError), 6
}

// hex4 reads \uXXXX at the front of b.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}
