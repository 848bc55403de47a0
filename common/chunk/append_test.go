package chunk

import (
	"bytes"
	"math"
	"testing"
)

// Whatever the time, what is written as a record is read as one.
func TestAppendEventHeaderNeverWritesMarkers(t *testing.T) {
	f := func(sec, nsec uint32, want int64) {
		t.Helper()
		b := AppendMapHeader(AppendMapHeader(AppendEventHeader(nil, sec, nsec), 0), 0)
		events, err := readAll(b)
		if err != nil || len(events) != 1 || events[0].Time != want {
			t.Errorf("%d.%09d: got %+v, %v; want time %d", sec, nsec, events, err, want)
		}
	}
	f(0, 0, 0)
	f(5, 7, 5_000_000_007)
	f(math.MaxUint32-2, 0, 4_294_967_293_000_000_000)
	const last = 4_294_967_293_999_999_999
	f(math.MaxUint32-1, 0, last)
	f(math.MaxUint32-1, 1, last)
	f(math.MaxUint32, 0, last)
}

func TestFinish(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 65535, 65536} {
		pairs := bytes.Repeat([]byte{1, 0xc0}, n)
		m := FinishMap(append([]byte{0xc0, 0}, pairs...), 1, n)
		got, rest, err := ReadMapHeader(m[1:])
		if got != n || err != nil || !bytes.Equal(rest, pairs) || m[0] != 0xc0 {
			t.Errorf("map of %d: got %d, %d bytes, %v", n, got, len(rest), err)
		}
		values := bytes.Repeat([]byte{0xc0}, n)
		a := FinishArray(append([]byte{0xc0, 0}, values...), 1, n)
		got, rest, err = ReadArrayHeader(a[1:])
		if got != n || err != nil || !bytes.Equal(rest, values) || a[0] != 0xc0 {
			t.Errorf("array of %d: got %d, %d bytes, %v", n, got, len(rest), err)
		}
	}
}
