package accessor

import (
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsonscan"
)

// readText follows steps into a string that holds JSON, and from there into
// strings that hold JSON in turn. The value is appended to dst as msgpack: a
// string without its escapes, true, false and null as they are, a number, an
// object or an array as the text that it is. Digits are not changed: 18.20
// stays 18.20.
func readText(value []byte, steps []step, dst []byte) (found, out []byte) {
	at, _, err := chunk.ReadKeyZC(value)
	if err != nil {
		return nil, dst
	}
	for i := range steps {
		if at = jsonscan.Trim(at); i > 0 && len(at) > 0 && at[0] == '"' {
			if at, dst = unescaped(at, dst); at == nil {
				return nil, dst
			}
		}
		var ok bool
		if s := &steps[i]; s.isIndex {
			at, ok = jsonscan.Element(at, s.index)
		} else {
			at, ok = jsonscan.Member(at, s.key)
		}
		if !ok {
			return nil, dst
		}
	}
	return appendToken(at, dst)
}

// unescaped appends what the string at the front of at stands for, and
// returns it. A step deeper is only worth its cost if it is an object or an
// array.
func unescaped(at, dst []byte) (text, out []byte) {
	token, _ := jsonscan.Token(at)
	if token == nil {
		return nil, dst
	}
	start := len(dst)
	dst, ok := jsonscan.AppendString(dst, token)
	if !ok {
		return nil, dst
	}
	return dst[start:], dst
}

// appendToken appends the value at the front of at.
func appendToken(at, dst []byte) (found, out []byte) {
	token, kind := jsonscan.Token(at)
	start := len(dst)
	switch kind {
	case jsonscan.Invalid:
		return nil, dst
	case jsonscan.Null:
		dst = chunk.AppendNil(dst)
	case jsonscan.True, jsonscan.False:
		dst = chunk.AppendBool(dst, kind == jsonscan.True)
	case jsonscan.String:
		// The text is written behind the largest header and then moved to the
		// one that it has. That is shorter or as long, so nothing is written
		// over before it is read.
		const header = 5
		text, ok := jsonscan.AppendString(append(dst, make([]byte, header)...), token)
		if !ok {
			return nil, dst
		}
		dst = chunk.AppendString(text[:start], text[start+header:])
	default:
		dst = chunk.AppendString(dst, token)
	}
	return dst[start:len(dst):len(dst)], dst
}
