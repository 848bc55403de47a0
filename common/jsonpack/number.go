package jsonpack

import (
	"math"

	"github.com/tidegate/tidegate/common/chunk"
)

// powersOfTen are exact, and so is the quotient of two exact floats that has
// an exact result; else it is rounded once, as strconv would.
var powersOfTen = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

const (
	// maxDigits is how many digits 64 bits hold, whatever they are: times in
	// nanoseconds have as many.
	maxDigits = 19
	// maxExact is how many a float holds.
	maxExact = 15
)

// number appends the number at a place: one of few digits by itself, such as
// most are.
func (s *scanner) number(dst []byte, at int) ([]byte, int) {
	src, first := s.src, at
	negative := s.byte(at) == '-'
	if negative {
		first++
	}
	n, i := uint64(0), first
	for ; i < len(src) && src[i]-'0' < 10; i++ {
		n = n*10 + uint64(src[i]-'0')
	}
	whole := i - first
	if whole == 0 || whole > 1 && src[first] == '0' {
		return dst, failed
	}
	switch c := s.byte(i); {
	case c == '.':
		return s.fraction(dst, at, n, i)
	case c|0x20 == 'e':
		return dst, failed
	case whole > maxDigits, negative && (n == 0 || n > math.MaxInt64):
		return s.longNumber(dst, at) // -0 is a float
	case negative:
		return chunk.AppendInt(dst, -int64(n)), i
	default:
		return chunk.AppendUint(dst, n), i
	}
}

// fraction appends the number at a place whose point is at another, behind the
// digits of n.
func (s *scanner) fraction(dst []byte, at int, n uint64, point int) ([]byte, int) {
	src, i := s.src, point+1
	for ; i < len(src) && src[i]-'0' < 10; i++ {
		n = n*10 + uint64(src[i]-'0')
	}
	negative := src[at] == '-'
	digits := i - at - 1
	if negative {
		digits--
	}
	switch {
	case i == point+1, s.byte(i)|0x20 == 'e':
		return dst, failed
	case digits > maxExact, negative && n == 0:
		return s.longNumber(dst, at)
	}
	f := float64(n) / powersOfTen[i-point-1]
	if negative {
		f = -f
	}
	return chunk.AppendFloat64(dst, f), i
}

// longNumber appends the number at a place by strconv. One with an exponent is
// the Iterator's.
func (s *scanner) longNumber(dst []byte, at int) ([]byte, int) {
	i := at
	for i < len(s.src) && (s.src[i]-'0' < 10 || s.src[i] == '-' || s.src[i] == '.') {
		i++
	}
	text := s.src[at:i]
	if !validNumber(text) || s.byte(i)|0x20 == 'e' {
		return dst, failed
	}
	return appendLongOrFraction(dst, text), i
}
