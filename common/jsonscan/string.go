package jsonscan

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendString appends what a string token stands for. With an escape that
// JSON does not have it returns dst as it was. What comes out is never longer
// than the token.
func AppendString(dst, token []byte) (out []byte, ok bool) {
	start := len(dst)
	for b := token[1 : len(token)-1]; len(b) > 0; {
		plain := bytes.IndexByte(b, '\\')
		if plain < 0 {
			return append(dst, b...), true
		}
		dst = append(dst, b[:plain]...)
		r, n := escape(b[plain:])
		if n == 0 {
			return dst[:start], false
		}
		dst = utf8.AppendRune(dst, r)
		b = b[plain+n:]
	}
	return dst, true
}

// sameKey compares what stands between the quotes of a key.
func sameKey(text []byte, key string) bool {
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text) == key
	}
	for len(text) > 0 {
		if text[0] != '\\' {
			if len(key) == 0 || key[0] != text[0] {
				return false
			}
			text, key = text[1:], key[1:]
			continue
		}
		r, n := escape(text)
		var char [utf8.UTFMax]byte
		size := utf8.EncodeRune(char[:], r)
		if n == 0 || len(key) < size || key[:size] != string(char[:size]) {
			return false
		}
		text, key = text[n:], key[size:]
	}
	return key == ""
}

// escape reads the escape at the front of b, n is 0 if it is none. One half of
// a surrogate pair is no character, and becomes U+FFFD.
func escape(b []byte) (r rune, n int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
	default:
		return 0, 0
	}
	r, ok := hex4(b)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := hex4(b[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// hex4 reads \uXXXX at the front of b.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
