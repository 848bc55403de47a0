package chunk

// Skip returns what follows the value at the front of b.
func Skip(b []byte) (rest []byte, err error) {
	end, err := skip(b, 0)
	if err != nil {
		return b, err
	}
	return b[end:], nil
}

// ReadValueZC returns the whole value at the front of b, as raw msgpack.
func ReadValueZC(b []byte) (value, rest []byte, err error) {
	end, err := skip(b, 0)
	if err != nil {
		return nil, b, err
	}
	return b[:end:end], b[end:], nil
}

// skip returns the end of the value that starts at. With an error it returns
// the offset of the byte that is wrong, of the header that promises too much,
// or the end of b where a value is cut off.
//
// It counts the values that are still open, which takes the same memory for
// any depth. The count cannot overflow: a header of five bytes adds at most
// 2^33, so it would take a chunk of several gigabytes.
func skip(b []byte, at int) (int, error) {
	for open := 1; open > 0; open-- {
		if uint(at) >= uint(len(b)) {
			return len(b), ErrTruncated
		}
		// Nearly all values of a record are of a length that the first byte
		// tells. Whether that runs over the end is seen at the next value.
		c := b[at]
		if c&0xe0 == 0xa0 {
			// A short string. Waiting for the table to say so would be most
			// of the time.
			at += 1 + int(c&0x1f)
			continue
		}
		s := &shapes[c]
		if s.width == 0 {
			at += int(s.size)
			open += int(s.opens)
			continue
		}
		if s.kind == Invalid {
			return at, ErrInvalidByte
		}
		start := at
		if at += int(s.size); at > len(b) {
			return len(b), ErrTruncated
		}
		n := length(b[start+1:], s.width)
		switch s.kind {
		case Map:
			open += 2 * n
		case Array:
			open += n
		default:
			if n > len(b)-at {
				return start, ErrTruncated
			}
			at += n
		}
	}
	if at > len(b) {
		return len(b), ErrTruncated
	}
	return at, nil
}

// length reads a length field of width bytes, which b must hold.
func length(b []byte, width uint8) int {
	switch width {
	case 1:
		return int(b[0])
	case 2:
		return int(b[0])<<8 | int(b[1])
	default:
		return int(b[0])<<24 | int(b[1])<<16 | int(b[2])<<8 | int(b[3])
	}
}
