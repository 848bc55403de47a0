package jsonpack

import (
	"encoding/binary"
	"math/bits"

	"github.com/tidegate/tidegate/common/chunk"
)

// scanner is the short way for the JSON that logs are made of: it writes what
// needs no decoding straight from the source, and leaves the rest to the
// Iterator: a string with an escape, alone, and a text with an exponent or a
// mistake as a whole. So the Iterator stays the judge of what is JSON, and FuzzScan holds
// that both write the same.
//
// It takes a quarter of the Iterator's time, mostly because that makes a Go
// string of every key and value (BenchmarkAppend, BenchmarkIterate).
type scanner struct {
	src   []byte
	pos   int
	dst   []byte
	depth int
	text  func(token []byte) (string, bool) // decodes a string with escapes
}

// scan converts the whole of s.src. With false, what is in s.dst has no
// meaning.
func (s *scanner) scan() (Kind, bool) {
	kind := Other
	if s.peek() == '{' {
		kind = Object
	}
	return kind, s.value() && s.peek() == 0 && s.pos == len(s.src)
}

// peek skips white space and returns the byte behind it, 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) value() bool {
	switch c := s.peek(); c {
	case '"':
		return s.str()
	case '{':
		return s.object()
	case '[':
		return s.array()
	case 't':
		s.dst = chunk.AppendBool(s.dst, true)
		return s.literal("true")
	case 'f':
		s.dst = chunk.AppendBool(s.dst, false)
		return s.literal("false")
	case 'n':
		s.dst = chunk.AppendNil(s.dst)
		return s.literal("null")
	default:
		return s.number()
	}
}

func (s *scanner) literal(word string) bool {
	if len(s.src)-s.pos < len(word) || string(s.src[s.pos:s.pos+len(word)]) != word {
		return false
	}
	s.pos += len(word)
	return true
}

// open steps into a container, behind a byte reserved for its header.
func (s *scanner) open() (at int) {
	at = len(s.dst)
	s.dst = append(s.dst, 0)
	s.pos++
	s.depth++
	return at
}

// more steps over a comma, and reports whether there was one.
func (s *scanner) more() bool {
	comma := s.peek() == ','
	if comma {
		s.pos++
	}
	return comma
}

func (s *scanner) object() bool {
	at, members := s.open(), 0
	for more := s.depth <= MaxDepth; more; more = s.more() {
		c := s.peek()
		if c == '}' && members == 0 {
			break
		}
		if c != '"' || !s.str() || s.peek() != ':' {
			return false
		}
		s.pos++
		if !s.value() {
			return false
		}
		members++
	}
	s.dst = chunk.FinishMap(s.dst, at, members)
	return s.close('}')
}

func (s *scanner) array() bool {
	at, elements := s.open(), 0
	for more := s.depth <= MaxDepth; more; more = s.more() {
		if s.peek() == ']' && elements == 0 {
			break
		}
		if !s.value() {
			return false
		}
		elements++
	}
	s.dst = chunk.FinishArray(s.dst, at, elements)
	return s.close(']')
}

func (s *scanner) close(end byte) bool {
	if s.depth > MaxDepth || s.peek() != end {
		return false
	}
	s.depth--
	s.pos++
	return true
}

// str appends the string whose quote is at s.pos.
func (s *scanner) str() bool {
	body := s.src[s.pos+1:]
	n := plainLen(body)
	if n == len(body) {
		return false
	}
	if body[n] == '"' {
		s.dst = chunk.AppendString(s.dst, body[:n])
		s.pos += n + 2
		return true
	}
	return body[n] == '\\' && s.escaped()
}

// escaped appends a string that has escapes.
func (s *scanner) escaped() bool {
	end := s.pos + 1
	for end < len(s.src) && s.src[end] != '"' {
		if s.src[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s.src) {
		return false
	}
	text, ok := s.text(s.src[s.pos : end+1])
	s.dst = chunk.AppendString(s.dst, text)
	s.pos = end + 1
	return ok
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plainLen returns how many bytes from the front on are none of the three
// that matter in a string: a quote, a backslash, a control character. It
// looks at eight at a time. In each mask the lowest bit that is set is right;
// those above may be borrowed.
func plainLen(b []byte) int {
	i := 0
	for ; len(b)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote := w ^ '"'*ones
		slash := w ^ '\\'*ones
		mask := ((quote - ones) & ^quote) | ((slash - ones) & ^slash) | ((w - ' '*ones) & ^w)
		if mask &= highs; mask != 0 {
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

// powersOfTen are exact, and so is the quotient of two exact floats that has
// an exact result; else it is rounded once, as strconv would.
var powersOfTen = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// number appends a number: one of few digits by itself, such as most are.
func (s *scanner) number() bool {
	start := s.pos
	negative := start < len(s.src) && s.src[start] == '-'
	if negative {
		start++
	}
	mantissa, i := int64(0), start
	for ; i < len(s.src) && s.src[i]-'0' < 10; i++ {
		if i-start >= 18 {
			return s.longNumber()
		}
		mantissa = mantissa*10 + int64(s.src[i]-'0')
	}
	whole := i - start
	if whole == 0 || whole > 1 && s.src[start] == '0' {
		return false
	}
	fraction := 0
	if i < len(s.src) && s.src[i] == '.' {
		for i++; i < len(s.src) && s.src[i]-'0' < 10; i++ {
			if fraction++; whole+fraction > 15 {
				return s.longNumber()
			}
			mantissa = mantissa*10 + int64(s.src[i]-'0')
		}
	}
	if s.src[i-1] == '.' || i < len(s.src) && s.src[i]|0x20 == 'e' {
		return false
	}
	if negative && mantissa == 0 {
		return s.longNumber() // -0 keeps its sign as a float
	}
	if negative {
		mantissa = -mantissa
	}
	if fraction == 0 {
		s.dst = chunk.AppendInt(s.dst, mantissa)
	} else {
		s.dst = chunk.AppendFloat64(s.dst, float64(mantissa)/powersOfTen[fraction])
	}
	s.pos = i
	return true
}

// longNumber appends the number at s.pos by strconv, such as a time in
// nanoseconds. One with an exponent is the Iterator's, and one that no float
// can hold.
func (s *scanner) longNumber() bool {
	i := s.pos
	for i < len(s.src) && (s.src[i]-'0' < 10 || s.src[i] == '-' || s.src[i] == '.') {
		i++
	}
	text := s.src[s.pos:i]
	if len(text) > 64 || !validNumber(text) || i < len(s.src) && s.src[i]|0x20 == 'e' {
		return false
	}
	s.dst = appendLongOrFraction(s.dst, text)
	s.pos = i
	return true
}
