package avropack

import (
	"math/big"
	"math/bits"

	"github.com/tidegate/tidegate/common/chunk"
)

// maxDecimal is how many bytes the digits of a decimal may have. Making text
// of them takes more than linear time.
const maxDecimal = 1024

// appendDecimal appends the text of an unscaled number in two's complement,
// highest byte first, with scale digits behind its point.
func (t *Transcoder) appendDecimal(data []byte, scale int) error {
	if len(data) > maxDecimal {
		return errDecimal
	}
	negative := len(data) > 0 && data[0] >= 0x80
	if len(data) <= 16 {
		var room [40]byte // 2^127 has 39 digits
		t.appendPoint(shortDigits(&room, data, negative), negative, scale)
		return nil
	}
	n := new(big.Int).SetBytes(data)
	if negative {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(data))*8))
	}
	t.appendPoint(n.Abs(n).Append(nil, 10), negative, scale)
	return nil
}

// shortDigits writes the digits of a number's absolute value at the end of
// room, in 128 bits.
func shortDigits(room *[40]byte, data []byte, negative bool) []byte {
	var hi, lo uint64
	if negative {
		hi, lo = ^hi, ^lo
	}
	for _, b := range data {
		hi, lo = hi<<8|lo>>56, lo<<8|uint64(b)
	}
	if negative {
		var carry uint64
		lo, carry = bits.Add64(^lo, 1, 0)
		hi, _ = bits.Add64(^hi, 0, carry)
	}
	i := len(room)
	for {
		var digit uint64
		rest := hi % 10
		hi /= 10
		lo, digit = bits.Div64(rest, lo, 10)
		i--
		room[i] = byte('0' + digit)
		if hi|lo == 0 {
			return room[i:]
		}
	}
}

// appendPoint appends digits as text, with a sign and a point.
func (t *Transcoder) appendPoint(digits []byte, negative bool, scale int) {
	text := t.scratch[:0]
	if negative {
		text = append(text, '-')
	}
	for range scale + 1 - len(digits) {
		text = append(text, '0')
	}
	text = append(text, digits...)
	if scale > 0 {
		text = append(text, 0)
		point := len(text) - 1 - scale
		copy(text[point+1:], text[point:])
		text[point] = '.'
	}
	t.scratch = text
	t.dst = chunk.AppendString(t.dst, text)
}
