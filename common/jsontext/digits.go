package jsontext

import (
	"encoding/binary"
	"math/bits"
	"strconv"
)

// appendUint is strconv.AppendUint. Numbers of up to eight digits, which most are, take
// no loop and half the time.
func appendUint(dst []byte, v uint64) []byte {
	if v >= 1e8 {
		return strconv.AppendUint(dst, v, 10)
	}
	d := digits(v)
	zeros := min(bits.TrailingZeros64(d)/8, 7)
	dst = binary.LittleEndian.AppendUint64(dst, d>>(8*zeros)|'0'*ones)
	return dst[:len(dst)-zeros]
}

// appendFraction appends millionths, without zeros behind the last digit but at least
// one.
func appendFraction(dst []byte, millionths uint64) []byte {
	d := digits(millionths * 100)
	zeros := min(bits.LeadingZeros64(d)/8, 7)
	dst = binary.LittleEndian.AppendUint64(dst, d|'0'*ones)
	return dst[:len(dst)-zeros]
}

// digits returns the eight digits of a number below 10^8, as 0 to 9, the first one in
// the lowest byte. It divides by 10,000, and then in all parts at once by 100 and by 10:
// a division is a multiplication by 2^20/100 or 2^10/10, rounded up, and a shift.
func digits(v uint64) uint64 {
	four := v/10_000 | v%10_000<<32
	hundreds := four * 10_486 >> 20 & 0x0000_007f_0000_007f
	two := hundreds | (four-100*hundreds)<<16
	tens := two * 103 >> 10 & 0x000f_000f_000f_000f
	return tens | (two-10*tens)<<8
}
