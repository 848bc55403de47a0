package jsonpack

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/tidegate/tidegate/common/chunk"
)

// scanner is the short way for the JSON that logs are made of: it writes what
// needs no decoding straight from the source, and leaves the rest to the
// Iterator: a string with an escape, alone, and a text with an exponent or a
// mistake as a whole. So the Iterator stays the judge of what is JSON, and FuzzScan holds
// that both write the same.
//
// It takes a sixth of the Iterator's time, mostly because that makes a Go
// string of every key and value (BenchmarkAppend, BenchmarkIterate). Its
// functions take what was written so far and a place in the source, and return
// both, so that they stay in registers: fields of the scanner would be stored
// for each token.
type scanner struct {
	src   []byte
	depth int
	text  func(token []byte) (string, bool) // decodes a string with escapes
}

// failed is the place that a function returns with what is not for the scanner.
// What was written then has no meaning.
const failed = -1

// scan appends the whole of s.src, and reports whether it could.
func (s *scanner) scan(dst []byte) ([]byte, Kind, bool) {
	s.depth = 0
	kind, at := Other, s.skip(0)
	if s.byte(at) == '{' {
		kind = Object
	}
	dst, end := s.value(dst, at)
	return dst, kind, end != failed && s.skip(end) == len(s.src)
}

// byte returns the byte at a place, 0 at the end.
func (s *scanner) byte(at int) byte {
	if uint(at) < uint(len(s.src)) {
		return s.src[at]
	}
	return 0
}

// skip returns the place behind white space.
func (s *scanner) skip(at int) int {
	for {
		switch s.byte(at) {
		case ' ', '\t', '\n', '\r':
			at++
		default:
			return at
		}
	}
}

// value appends the value that starts at a place, behind white space.
func (s *scanner) value(dst []byte, at int) ([]byte, int) {
	switch s.byte(at) {
	case '"':
		return s.str(dst, at+1)
	case '{':
		return s.object(dst, at+1)
	case '[':
		return s.array(dst, at+1)
	case 't':
		return chunk.AppendBool(dst, true), s.literal(at, "true")
	case 'f':
		return chunk.AppendBool(dst, false), s.literal(at, "false")
	case 'n':
		return chunk.AppendNil(dst), s.literal(at, "null")
	default:
		return s.number(dst, at)
	}
}

// literal returns the place behind a word.
func (s *scanner) literal(at int, word string) int {
	end := at + len(word)
	if end > len(s.src) || string(s.src[at:end]) != word {
		return failed
	}
	return end
}

// object appends an object whose brace is before a place.
func (s *scanner) object(dst []byte, at int) ([]byte, int) {
	start, members := len(dst), 0
	dst = append(dst, 0) // the header, if it takes one byte
	if s.depth++; s.depth > MaxDepth {
		return dst, failed
	}
	at = s.skip(at)
	for s.byte(at) != '}' || members > 0 {
		if s.byte(at) != '"' {
			return dst, failed
		}
		if dst, at = s.str(dst, at+1); at == failed {
			return dst, failed
		}
		if at = s.skip(at); s.byte(at) != ':' {
			return dst, failed
		}
		if dst, at = s.value(dst, s.skip(at+1)); at == failed {
			return dst, failed
		}
		members++
		if at = s.skip(at); s.byte(at) != ',' {
			break
		}
		at = s.skip(at + 1)
	}
	s.depth--
	if s.byte(at) != '}' {
		return dst, failed
	}
	return chunk.FinishMap(dst, start, members), at + 1
}

// array appends an array whose bracket is before a place.
func (s *scanner) array(dst []byte, at int) ([]byte, int) {
	start, elements := len(dst), 0
	dst = append(dst, 0)
	if s.depth++; s.depth > MaxDepth {
		return dst, failed
	}
	at = s.skip(at)
	for s.byte(at) != ']' || elements > 0 {
		if dst, at = s.value(dst, at); at == failed {
			return dst, failed
		}
		elements++
		if at = s.skip(at); s.byte(at) != ',' {
			break
		}
		at = s.skip(at + 1)
	}
	s.depth--
	if s.byte(at) != ']' {
		return dst, failed
	}
	return chunk.FinishArray(dst, start, elements), at + 1
}

// maxShort is the longest text whose header is one byte.
const maxShort = 31

// str appends the string whose opening quote is before a place. Short text, as
// most is, is copied while its end is looked for.
func (s *scanner) str(dst []byte, at int) ([]byte, int) {
	start := len(dst)
	if cap(dst)-start < 1+maxShort+1 {
		dst = slices.Grow(dst, 1+maxShort+1)
	}
	src, out := s.src[at:], dst[start+1:start+1+maxShort+1]
	for n := 0; n <= maxShort-7 && len(src)-n >= 8; n += 8 {
		w := binary.LittleEndian.Uint64(src[n:])
		binary.LittleEndian.PutUint64(out[n:], w)
		mask := special(w)
		if mask == 0 {
			continue
		}
		n += bits.TrailingZeros64(mask) / 8
		if src[n] != '"' {
			break
		}
		dst = dst[:start+1+n]
		dst[start] = 0xa0 | byte(n)
		return dst, at + n + 1
	}
	n := plainLen(src)
	if n == len(src) {
		return dst, failed
	}
	if src[n] == '"' {
		return chunk.AppendString(dst, src[:n]), at + n + 1
	}
	if src[n] != '\\' {
		return dst, failed
	}
	return s.escaped(dst, at)
}

// escaped appends a string that has escapes.
func (s *scanner) escaped(dst []byte, at int) ([]byte, int) {
	end := at
	for end < len(s.src) && s.src[end] != '"' {
		if s.src[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s.src) {
		return dst, failed
	}
	text, ok := s.text(s.src[at-1 : end+1])
	if !ok {
		return dst, failed
	}
	return chunk.AppendString(dst, text), end + 1
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special returns a mask whose lowest bit that is set is that of the first of
// eight bytes which matters in a string: a quote, a backslash, a control
// character. Bits above it may be borrowed. That is 0 where none matters.
//
// A quote is 0x22: with its second bit the other way round it is 0x20, the one
// next to the control characters, which stay below that. A space becomes 0x22.
func special(w uint64) uint64 {
	low := w ^ 0x02*ones
	slash := w ^ '\\'*ones
	return ((low-0x21*ones)&^low | (slash-ones)&^slash) & highs
}

// plainLen returns how many bytes from the front on do not matter in a string.
func plainLen(b []byte) int {
	i := 0
	for ; len(b)-i >= 8; i += 8 {
		if mask := special(binary.LittleEndian.Uint64(b[i:])); mask != 0 {
			return i + bits.TrailingZeros64(mask)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < ' ' {
			break
		}
	}
	return i
}
