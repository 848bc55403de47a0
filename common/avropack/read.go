package avropack

import (
	"encoding/binary"
	"math"

	"github.com/tidegate/tidegate/common/chunk"
)

// readLong reads a long: variable length, seven bits a byte from the lowest,
// zigzag (Avro 1.12, "Binary Encoding").
func (t *Transcoder) readLong() (int64, error) {
	if t.pos < len(t.src) && t.src[t.pos] < 0x80 {
		// Most lengths, counts and branches are of one byte.
		u := uint64(t.src[t.pos])
		t.pos++
		return int64(u>>1) ^ -int64(u&1), nil
	}
	u, n := binary.Uvarint(t.src[t.pos:])
	switch {
	case n == 0 && len(t.src)-t.pos < binary.MaxVarintLen64:
		return 0, ErrTruncated
	case n <= 0:
		return 0, errVarint
	}
	t.pos += n
	return int64(u>>1) ^ -int64(u&1), nil
}

// readInt reads an int, which is written like a long.
func (t *Transcoder) readInt() (int64, error) {
	v, err := t.readLong()
	if err == nil && int64(int32(v)) != v {
		err = errInt
	}
	return v, err
}

// take returns the next n bytes, in place.
func (t *Transcoder) take(n int) ([]byte, error) {
	if n > len(t.src)-t.pos {
		return nil, ErrTruncated
	}
	data := t.src[t.pos : t.pos+n]
	t.pos += n
	return data, nil
}

// readBytes reads a length and returns as many bytes, in place.
func (t *Transcoder) readBytes() ([]byte, error) {
	n, err := t.readLong()
	switch {
	case err != nil:
		return nil, err
	case n < 0:
		return nil, errLength
	case n > int64(len(t.src)-t.pos):
		return nil, ErrTruncated
	}
	return t.take(int(n))
}

// readCount reads the number of values in a block, and throws away its size in
// bytes, which a negative number announces.
func (t *Transcoder) readCount() (int, error) {
	n, err := t.readLong()
	if err != nil {
		return 0, err
	}
	if n < 0 {
		size, err := t.readLong()
		switch {
		case err != nil:
			return 0, err
		case size < 0 || n == math.MinInt64:
			return 0, errLength
		}
		n = -n
	}
	// The rest may be values that take no bytes.
	if n > int64(len(t.src)-t.pos)+maxFree {
		return 0, ErrTruncated
	}
	return int(n), nil
}

func (t *Transcoder) boolean() error {
	b, err := t.take(1)
	if err != nil {
		return err
	}
	if b[0] > 1 {
		return errBoolean
	}
	t.dst = chunk.AppendBool(t.dst, b[0] == 1)
	return nil
}

// float keeps the width: 0.1 of 32 bits has many more digits in 64.
func (t *Transcoder) float() error {
	b, err := t.take(4)
	if err != nil {
		return err
	}
	t.dst = append(t.dst, 0xca, b[3], b[2], b[1], b[0])
	return nil
}

func (t *Transcoder) double() error {
	b, err := t.take(8)
	if err != nil {
		return err
	}
	t.dst = chunk.AppendFloat64(t.dst, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	return nil
}
