package chunk

import (
	"encoding/binary"
	"math"
)

// wrong is the error for a value at the front of b that is not a want.
func wrong(b []byte, want Kind) error {
	switch got := KindOf(b); {
	case len(b) == 0:
		return ErrTruncated
	case got == Invalid:
		return ErrInvalidByte
	default:
		return KindError{Got: got, Want: want}
	}
}

// ReadMapHeader returns the number of pairs in the map at the front of b, and
// the first of them. There are at least 2n bytes in rest.
func ReadMapHeader(b []byte) (n int, rest []byte, err error) {
	if len(b) > 0 && b[0]&0xf0 == 0x80 { // a map of up to 15 pairs, as nearly all are
		n, rest = int(b[0]&0x0f), b[1:]
	} else {
		n, rest, err = readHeader(b, Map)
	}
	if err == nil && n > len(rest)/2 {
		return 0, b, ErrTruncated
	}
	return n, rest, err
}

// ReadArrayHeader returns the number of elements in the array at the front of
// b, and the first of them. There are at least n bytes in rest.
func ReadArrayHeader(b []byte) (n int, rest []byte, err error) {
	n, rest, err = readHeader(b, Array)
	if err == nil && n > len(rest) {
		return 0, b, ErrTruncated
	}
	return n, rest, err
}

func readHeader(b []byte, want Kind) (n int, rest []byte, err error) {
	if KindOf(b) != want {
		return 0, b, wrong(b, want)
	}
	s := &shapes[b[0]]
	if s.width == 0 {
		return int(s.fixed), b[1:], nil
	}
	if len(b) < int(s.size) {
		return 0, b, ErrTruncated
	}
	return length(b[1:], s.width), b[s.size:], nil
}

// ReadKeyZC reads a map's key: the bytes of a string or bin key, nil for a key
// of any other kind, which is skipped.
func ReadKeyZC(b []byte) (key, rest []byte, err error) {
	if len(b) > 0 && b[0]&0xe0 == 0xa0 {
		// A short string, as nearly all keys are.
		end := 1 + int(b[0]&0x1f)
		if end > len(b) {
			return nil, b, ErrTruncated
		}
		return b[1:end:end], b[end:], nil
	}
	switch KindOf(b) {
	case String, Bin:
		return readBody(b)
	default:
		rest, err = Skip(b)
		return nil, rest, err
	}
}

// ReadStringZC returns the bytes of the string at the front of b. They are
// not always UTF-8.
func ReadStringZC(b []byte) (s, rest []byte, err error) {
	if KindOf(b) != String {
		return nil, b, wrong(b, String)
	}
	return readBody(b)
}

// ReadBinZC returns the bytes of the bin value at the front of b.
func ReadBinZC(b []byte) (data, rest []byte, err error) {
	if KindOf(b) != Bin {
		return nil, b, wrong(b, Bin)
	}
	return readBody(b)
}

// readBody returns what a string or bin holds, never nil without an error.
func readBody(b []byte) (body, rest []byte, err error) {
	s := &shapes[b[0]]
	start, end := 1, int(s.size)
	if s.width != 0 {
		if len(b) < end {
			return nil, b, ErrTruncated
		}
		start = end
		end += length(b[1:], s.width)
	}
	if len(b) < end {
		return nil, b, ErrTruncated
	}
	return b[start:end:end], b[end:], nil
}

// ReadExtZC returns type and data of the extension value at the front of b.
func ReadExtZC(b []byte) (typ int8, data, rest []byte, err error) {
	if KindOf(b) != Ext {
		return 0, nil, b, wrong(b, Ext)
	}
	end, err := skip(b, 0)
	if err != nil {
		return 0, nil, b, err
	}
	start := 2 + int(shapes[b[0]].width)
	return int8(b[start-1]), b[start:end:end], b[end:], nil
}

// ReadNil reads a nil.
func ReadNil(b []byte) (rest []byte, err error) {
	if KindOf(b) != Nil {
		return b, wrong(b, Nil)
	}
	return b[1:], nil
}

// ReadBool reads a bool.
func ReadBool(b []byte) (v bool, rest []byte, err error) {
	if KindOf(b) != Bool {
		return false, b, wrong(b, Bool)
	}
	return b[0] == 0xc3, b[1:], nil
}

// ReadUint reads an integer of an unsigned format.
func ReadUint(b []byte) (v uint64, rest []byte, err error) {
	if len(b) == 0 {
		return 0, b, ErrTruncated
	}
	switch c := b[0]; {
	case c <= 0x7f:
		return uint64(c), b[1:], nil
	case c == 0xcc && len(b) >= 2:
		return uint64(b[1]), b[2:], nil
	case c == 0xcd && len(b) >= 3:
		return uint64(binary.BigEndian.Uint16(b[1:])), b[3:], nil
	case c == 0xce && len(b) >= 5:
		return uint64(binary.BigEndian.Uint32(b[1:])), b[5:], nil
	case c == 0xcf && len(b) >= 9:
		return binary.BigEndian.Uint64(b[1:]), b[9:], nil
	case KindOf(b) == Uint:
		return 0, b, ErrTruncated
	default:
		return 0, b, wrong(b, Uint)
	}
}

// ReadInt reads an integer of a signed format, negative or not.
func ReadInt(b []byte) (v int64, rest []byte, err error) {
	if KindOf(b) != Int {
		return 0, b, wrong(b, Int)
	}
	size := int(shapes[b[0]].size)
	if len(b) < size {
		return 0, b, ErrTruncated
	}
	switch size {
	case 1:
		v = int64(int8(b[0]))
	case 2:
		v = int64(int8(b[1]))
	case 3:
		v = int64(int16(binary.BigEndian.Uint16(b[1:])))
	case 5:
		v = int64(int32(binary.BigEndian.Uint32(b[1:])))
	default:
		v = int64(binary.BigEndian.Uint64(b[1:]))
	}
	return v, b[size:], nil
}

// ReadFloat reads a float. bits is 32 or 64, the size it was written in, which
// decides how many digits it deserves in text.
func ReadFloat(b []byte) (v float64, bits int, rest []byte, err error) {
	if KindOf(b) != Float {
		return 0, 0, b, wrong(b, Float)
	}
	size := int(shapes[b[0]].size)
	if len(b) < size {
		return 0, 0, b, ErrTruncated
	}
	if size == 5 {
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b[1:]))), 32, b[5:], nil
	}
	return math.Float64frombits(binary.BigEndian.Uint64(b[1:])), 64, b[9:], nil
}
