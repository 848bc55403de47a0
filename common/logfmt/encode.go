package logfmt

import (
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

// Encode appends the map at the front of b as a line of logfmt, without what
// omit names. It is the other direction of Append:
//
//   - Text stands in quotes where it needs them: if it is empty, or has white
//     space, control characters, = or ", or bytes that are no UTF-8, which
//     become U+FFFD. In quotes the escapes are JSON's.
//   - Numbers, true, false and null are as in JSON; maps and lists are their
//     JSON, as a text.
//   - Bytes that a key cannot have become _, an empty key is _.
//
// With an error it returns dst as it was.
func Encode(dst, b []byte, omit *jsontext.Omit) ([]byte, error) {
	out := dst
	var wrong error
	err := omit.Each(b, func(key, value []byte, below *jsontext.Omit) bool {
		if len(out) > len(dst) {
			out = append(out, ' ')
		}
		if out, wrong = appendKey(out, key); wrong != nil {
			return false
		}
		out = append(out, '=')
		out, wrong = AppendValue(out, value, below)
		return wrong == nil
	})
	if err == nil {
		err = wrong
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

// AppendValue appends a value as it stands behind a key.
func AppendValue(dst, value []byte, omit *jsontext.Omit) ([]byte, error) {
	start := len(dst)
	var err error
	switch chunk.KindOf(value) {
	case chunk.String, chunk.Bin:
		var text []byte
		if text, _, err = chunk.ReadKeyZC(value); err == nil && needsQuotes(text) {
			return jsontext.AppendString(dst, text), nil
		}
		return append(dst, text...), err
	case chunk.Map, chunk.Array, chunk.Ext:
		if dst, err = jsontext.AppendValue(dst, value, omit); err != nil {
			return dst[:start], err
		}
		// The JSON is written first and then, as a text, over itself.
		end := len(dst)
		dst = jsontext.AppendString(dst, dst[start:end])
		return dst[:start+copy(dst[start:], dst[end:])], nil
	default:
		return jsontext.Append(dst, value)
	}
}

// appendKey appends a key of any kind.
func appendKey(dst, key []byte) ([]byte, error) {
	start := len(dst)
	text, _, err := chunk.ReadKeyZC(key)
	if err != nil {
		return dst, err
	}
	if text != nil && !needsQuotes(text) {
		return append(dst, text...), nil
	}
	if dst, err = jsontext.AppendText(dst, key); err != nil {
		return dst[:start], err
	}
	if len(dst) == start {
		return append(dst, '_'), nil
	}
	for i, c := range dst[start:] {
		if c <= ' ' || c == '=' || c == '"' {
			dst[start+i] = '_'
		}
	}
	return dst, nil
}

// needsQuotes reports whether text cannot stand as it is.
func needsQuotes(text []byte) bool {
	above := false
	for _, c := range text {
		if c <= ' ' || c == '=' || c == '"' || c == 0x7f {
			return true
		}
		above = above || c >= utf8.RuneSelf
	}
	return len(text) == 0 || above && !utf8.Valid(text)
}
