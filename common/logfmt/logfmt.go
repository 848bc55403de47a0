// Package logfmt turns a line of logfmt into msgpack and back, in one pass and without
// allocations.
//
//	level=info msg="took 12 ms" retry
//
// becomes {"level": "info", "msg": "took 12 ms", "retry": true}. Logfmt has no
// specification. What is read here is what github.com/kr/logfmt describes and
// Fluent Bit's parser takes:
//
//   - Pairs are separated by white space, which may be line ends.
//   - A key is of any bytes above the space but = and ". One that stands alone
//     is true, and key= is the empty text.
//   - A value that starts with a quote goes to the next quote that has no
//     backslash before it; in it \n, \r, \t, \b, \f, \", \\, \/ and \uXXXX are
//     what they are in JSON, and a backslash before anything else is itself. Any
//     other value goes to the next white space.
//   - Values are text, true above all: logfmt cannot tell 1 from "1".
//   - Keys keep their order and their repeats, text keeps its bytes.
//
// Unlike Fluent Bit's parser it takes no text for logfmt that has not a single
// key=value, because any sentence would be words that are true, and none whose
// quotes do not close.
package logfmt

import (
	"errors"

	"github.com/tidegate/tidegate/common/chunk"
)

// Errors of Append.
var (
	ErrNoPair = errors.New("no key=value in it")
	ErrKey    = errors.New("a = or a quote stands where a key should start")
	ErrQuote  = errors.New("a quote is not closed")
	ErrAfter  = errors.New("text after a closing quote")
)

// Append appends the msgpack map of the line src to dst. On an error dst comes
// back as it was. src is not kept.
func Append(dst, src []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, 0)
	members, paired := 0, false
	for rest := trimSpace(src); len(rest) > 0; rest = trimSpace(rest) {
		n := keyLen(rest)
		if n == 0 {
			return dst[:start], ErrKey
		}
		dst = chunk.AppendString(dst, rest[:n])
		rest = rest[n:]
		members++
		if len(rest) == 0 || rest[0] != '=' {
			dst = chunk.AppendBool(dst, true)
			continue
		}
		paired = true
		var err error
		if dst, rest, err = appendValue(dst, rest[1:]); err != nil {
			return dst[:start], err
		}
	}
	if !paired {
		return dst[:start], ErrNoPair
	}
	return chunk.FinishMap(dst, start, members), nil
}

// trimSpace cuts off what separates pairs: white space, and the control
// characters with it, so that a key never holds one.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	return b
}

// keyLen returns how many bytes at the front of b can be a key.
func keyLen(b []byte) int {
	for i, c := range b {
		if c <= ' ' || c == '=' || c == '"' {
			return i
		}
	}
	return len(b)
}

// appendValue appends the value at the front of b.
func appendValue(dst, b []byte) (_, rest []byte, err error) {
	if len(b) > 0 && b[0] == '"' {
		return appendQuoted(dst, b[1:])
	}
	n := 0
	for n < len(b) && b[n] > ' ' {
		n++
	}
	return chunk.AppendString(dst, b[:n]), b[n:], nil
}

// appendQuoted appends the value whose opening quote stands before b.
func appendQuoted(dst, b []byte) (_, rest []byte, err error) {
	end, escaped := 0, false
	for end < len(b) && b[end] != '"' {
		if b[end] == '\\' {
			escaped = true
			end++
		}
		end++
	}
	if end >= len(b) {
		return dst, b, ErrQuote
	}
	text, rest := b[:end], b[end+1:]
	if len(rest) > 0 && rest[0] > ' ' {
		return dst, b, ErrAfter
	}
	if escaped {
		return appendUnescaped(dst, text), rest, nil
	}
	return chunk.AppendString(dst, text), rest, nil
}
