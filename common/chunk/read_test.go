package chunk

import (
	"bytes"
	"errors"
	"math"
	"testing"
)

func TestReadWhatAppendWrote(t *testing.T) {
	for _, want := range []uint64{0, 127, 128, 255, 256, 65535, 65536, 1<<32 - 1, 1 << 32, math.MaxUint64} {
		got, rest, err := ReadUint(append(AppendUint(nil, want), 0xc0))
		if got != want || len(rest) != 1 || err != nil {
			t.Errorf("ReadUint: got %d, %x, %v; want %d", got, rest, err, want)
		}
	}
	for _, want := range []int64{-1, -32, -33, -128, -129, -32768, -32769, math.MinInt32, math.MinInt32 - 1, math.MinInt64} {
		got, rest, err := ReadInt(append(AppendInt(nil, want), 0xc0))
		if got != want || len(rest) != 1 || err != nil {
			t.Errorf("ReadInt: got %d, %x, %v; want %d", got, rest, err, want)
		}
	}
	for _, size := range []int{0, 31, 32, 255, 256, 65535, 65536} {
		want := bytes.Repeat([]byte("x"), size)
		if got, rest, err := ReadStringZC(append(AppendString(nil, want), 0xc0)); !bytes.Equal(got, want) || got == nil || len(rest) != 1 || err != nil {
			t.Errorf("ReadStringZC of %d bytes: got %d, %x, %v", size, len(got), rest, err)
		}
		if got, rest, err := ReadBinZC(append(AppendBinary(nil, want), 0xc0)); !bytes.Equal(got, want) || got == nil || len(rest) != 1 || err != nil {
			t.Errorf("ReadBinZC of %d bytes: got %d, %x, %v", size, len(got), rest, err)
		}
	}
	for _, want := range []float64{0, -1.5, math.MaxFloat64, math.Inf(-1)} {
		if got, bits, rest, err := ReadFloat(append(AppendFloat64(nil, want), 0xc0)); got != want || bits != 64 || len(rest) != 1 || err != nil {
			t.Errorf("ReadFloat: got %v, %d, %x, %v; want %v", got, bits, rest, err, want)
		}
	}
	if got, bits, _, err := ReadFloat([]byte{0xca, 0x3f, 0xc0, 0, 0}); got != 1.5 || bits != 32 || err != nil {
		t.Errorf("ReadFloat of 32 bits: got %v, %d, %v", got, bits, err)
	}
	if got, _, err := ReadBool(AppendBool(nil, true)); !got || err != nil {
		t.Errorf("ReadBool: got %v, %v", got, err)
	}
}

func TestReadExt(t *testing.T) {
	f := func(text string, wantType int8, wantData string) {
		t.Helper()
		typ, data, rest, err := ReadExtZC(fromHex(t, text+"c0"))
		if typ != wantType || !bytes.Equal(data, fromHex(t, wantData)) || len(rest) != 1 || err != nil {
			t.Errorf("%s: got %d, %x, %x, %v", text, typ, data, rest, err)
		}
	}
	f("d4 05 aa", 5, "aa")
	f("d5 ff aabb", -1, "aabb")
	f("d6 00 aabbccdd", 0, "aabbccdd")
	f("c7 00 07", 7, "")
	f("c8 0003 07 aabbcc", 7, "aabbcc")
	f("c9 00000001 80 aa", -128, "aa")
}

func TestReadTellsWhatIsWrong(t *testing.T) {
	if _, _, err := ReadMapHeader([]byte{0x90}); !errors.Is(err, KindError{Array, Map}) || err.Error() != "array where a map should be" {
		t.Errorf("got %v", err)
	}
	if _, _, err := ReadStringZC(nil); !errors.Is(err, ErrTruncated) {
		t.Errorf("got %v", err)
	}
	if _, err := ReadNil([]byte{0xc1}); !errors.Is(err, ErrInvalidByte) {
		t.Errorf("got %v", err)
	}
	// A header promises no more than there can be.
	for _, b := range [][]byte{{0x82, 0xc0, 0xc0, 0xc0}, {0xdf, 0xff, 0xff, 0xff, 0xff, 0xc0}, {0xde, 0}} {
		if n, _, err := ReadMapHeader(b); n != 0 || !errors.Is(err, ErrTruncated) {
			t.Errorf("% x: got %d, %v", b, n, err)
		}
	}
	for _, b := range [][]byte{{0x92, 0xc0}, {0xdd, 0xff, 0xff, 0xff, 0xff, 0xc0}, {0xdc}} {
		if n, _, err := ReadArrayHeader(b); n != 0 || !errors.Is(err, ErrTruncated) {
			t.Errorf("% x: got %d, %v", b, n, err)
		}
	}
}

func TestSkipTakesAnyDepth(t *testing.T) {
	const depth = 1 << 20
	b := append(bytes.Repeat([]byte{0x91}, depth), 0xc0)
	if rest, err := Skip(b); len(rest) != 0 || err != nil {
		t.Errorf("%d bytes left, %v", len(rest), err)
	}
	if _, err := Skip(b[:depth]); !errors.Is(err, ErrTruncated) {
		t.Errorf("got %v", err)
	}
}
