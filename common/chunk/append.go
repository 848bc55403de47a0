package chunk

import (
	"encoding/binary"
	"math"
)

// The Append functions write msgpack in its shortest form
// (https://github.com/msgpack/msgpack/blob/master/spec.md) and return the
// extended buffer.

// AppendNil appends nil.
func AppendNil(dst []byte) []byte { return append(dst, 0xc0) }

// AppendBool appends a boolean.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 0xc3)
	}
	return append(dst, 0xc2)
}

// AppendInt appends an integer.
func AppendInt(dst []byte, n int64) []byte {
	switch {
	case n >= 0:
		return AppendUint(dst, uint64(n))
	case n >= -32:
		return append(dst, byte(n))
	case n >= math.MinInt8:
		return append(dst, 0xd0, byte(n))
	case n >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, 0xd1), uint16(n))
	case n >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, 0xd2), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 0xd3), uint64(n))
	}
}

// AppendUint appends a non-negative integer.
func AppendUint(dst []byte, n uint64) []byte {
	switch {
	case n < 1<<7:
		return append(dst, byte(n))
	case n < 1<<8:
		return append(dst, 0xcc, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, 0xcd), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(dst, 0xce), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 0xcf), n)
	}
}

// AppendFloat64 appends a float.
func AppendFloat64(dst []byte, f float64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 0xcb), math.Float64bits(f))
}

// AppendString appends text. Msgpack wants UTF-8; Fluent Bit and the readers
// of this package take any bytes.
func AppendString[T string | []byte](dst []byte, text T) []byte {
	switch n := len(text); {
	case n < 1<<5:
		dst = append(dst, 0xa0|byte(n))
	case n < 1<<8:
		dst = append(dst, 0xd9, byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0xda), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint32(append(dst, 0xdb), uint32(n))
	}
	return append(dst, text...)
}

// AppendBinary appends bytes that are not text.
func AppendBinary(dst, data []byte) []byte {
	switch n := len(data); {
	case n < 1<<8:
		dst = append(dst, 0xc4, byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, 0xc5), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint32(append(dst, 0xc6), uint32(n))
	}
	return append(dst, data...)
}

// AppendArrayHeader appends the header of an array of n values.
func AppendArrayHeader(dst []byte, n int) []byte {
	switch {
	case n < 1<<4:
		return append(dst, 0x90|byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, 0xdc), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(dst, 0xdd), uint32(n))
	}
}

// AppendMapHeader appends the header of a map of n pairs.
func AppendMapHeader(dst []byte, n int) []byte {
	switch {
	case n < 1<<4:
		return append(dst, 0x80|byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, 0xde), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(dst, 0xdf), uint32(n))
	}
}

// maxEventSeconds is the last second that is not a group marker.
const maxEventSeconds = groupEndSeconds - 1

// AppendEventHeader appends what stands before an event's metadata map in
// the format `[[time, metadata], record]`; the two maps follow. The time is
// Fluent Bit's extension type 0: seconds and nanoseconds, 32 bits each. nsec
// is below 1,000,000,000.
//
// The last two seconds of that range, in 2106, would make the record a marker
// of a group, which no reader returns. They are written as the moment before.
func AppendEventHeader(dst []byte, sec uint32, nsec uint32) []byte {
	if sec > maxEventSeconds {
		sec, nsec = maxEventSeconds, 999_999_999
	}
	dst = append(dst, 0x92, 0x92, 0xd7, 0x00)
	dst = binary.BigEndian.AppendUint32(dst, sec)
	return binary.BigEndian.AppendUint32(dst, nsec)
}

// A container whose size is known only at its end is written behind one byte
// that FinishMap or FinishArray turns into the header. Few are larger than 15,
// and only those are moved.

// FinishMap makes the header of the map of n pairs that starts with a
// reserved byte at dst[at].
func FinishMap(dst []byte, at, n int) []byte {
	if n < 1<<4 {
		dst[at] = 0x80 | byte(n)
		return dst
	}
	var header [5]byte
	return insertHeader(dst, at, AppendMapHeader(header[:0], n))
}

// FinishArray makes the header of the array of n values that starts with a
// reserved byte at dst[at].
func FinishArray(dst []byte, at, n int) []byte {
	if n < 1<<4 {
		dst[at] = 0x90 | byte(n)
		return dst
	}
	var header [5]byte
	return insertHeader(dst, at, AppendArrayHeader(header[:0], n))
}

// insertHeader replaces the byte at dst[at] by header.
func insertHeader(dst []byte, at int, header []byte) []byte {
	end := len(dst)
	dst = append(dst, header[1:]...) // grows; the bytes are overwritten
	copy(dst[at+len(header):], dst[at+1:end])
	copy(dst[at:], header)
	return dst
}
