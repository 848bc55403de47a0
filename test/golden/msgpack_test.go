package golden_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The types of a decoded value beside nil, bool, int64, uint64, float32, float64, string and []byte. A table keeps the order
// of its pairs, and those with the same key.
type (
	list  []any
	table []pair
	pair  struct{ key, value any }
	ext   struct {
		kind int8
		data []byte
	}
)

var errShort = errors.New("ends inside a value")

// decoder reads msgpack from the front of b.
type decoder struct{ b []byte }

// take returns the next n bytes. A chunk that is cut off panics with errShort, which decode turns into an error.
func (d *decoder) take(n int) []byte {
	if n < 0 || n > len(d.b) {
		panic(errShort)
	}
	taken := d.b[:n]
	d.b = d.b[n:]
	return taken
}

func (d *decoder) number(width int) uint64 {
	var all [8]byte
	copy(all[8-width:], d.take(width))
	return binary.BigEndian.Uint64(all[:])
}

// decode reads one value.
func (d *decoder) decode() (v any, err error) {
	defer func() {
		if recover() != nil {
			err = errShort
		}
	}()
	return d.value(), nil
}

func (d *decoder) value() any {
	c := d.take(1)[0]
	switch {
	case c < 0x80:
		return uint64(c)
	case c < 0x90:
		return d.table(int(c & 15))
	case c < 0xa0:
		return d.list(int(c & 15))
	case c < 0xc0:
		return string(d.take(int(c & 31)))
	case c >= 0xe0:
		return int64(int8(c))
	case c >= 0xc4 && c <= 0xc6:
		return d.take(int(d.number(1 << (c - 0xc4))))
	case c >= 0xc7 && c <= 0xc9:
		return d.ext(int(d.number(1 << (c - 0xc7))))
	case c >= 0xcc && c <= 0xcf:
		return d.number(1 << (c - 0xcc))
	case c >= 0xd0 && c <= 0xd3:
		width := 1 << (c - 0xd0)
		return int64(d.number(width)) << (64 - 8*width) >> (64 - 8*width)
	case c >= 0xd4 && c <= 0xd8:
		return d.ext(1 << (c - 0xd4))
	}
	switch c {
	case 0xc0:
		return nil
	case 0xc2, 0xc3:
		return c == 0xc3
	case 0xca:
		return math.Float32frombits(uint32(d.number(4)))
	case 0xcb:
		return math.Float64frombits(d.number(8))
	case 0xd9, 0xda, 0xdb:
		return string(d.take(int(d.number(1 << (c - 0xd9)))))
	case 0xdc, 0xdd:
		return d.list(int(d.number(2 << (c - 0xdc))))
	case 0xde, 0xdf:
		return d.table(int(d.number(2 << (c - 0xde))))
	}
	panic(fmt.Errorf("byte %#x", c))
}

func (d *decoder) list(n int) list {
	l := list{}
	for range n {
		l = append(l, d.value())
	}
	return l
}

func (d *decoder) table(n int) table {
	t := table{}
	for range n {
		t = append(t, pair{d.value(), d.value()})
	}
	return t
}

func (d *decoder) ext(n int) ext { return ext{int8(d.take(1)[0]), d.take(n)} }
