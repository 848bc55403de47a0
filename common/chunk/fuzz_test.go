package chunk

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"reflect"
	"testing"
)

// slowSkip is msgpack by the table of its specification, one value at a time,
// to hold the fast one against. It returns false for what is no whole value.
func slowSkip(b []byte, depth int) (rest []byte, ok bool) {
	if len(b) == 0 || depth > 10_000 {
		return nil, false
	}
	c, b := b[0], b[1:]
	number := func(width int) (n uint64) {
		if ok = len(b) >= width; ok {
			var all [8]byte
			copy(all[8-width:], b)
			n, b = binary.BigEndian.Uint64(all[:]), b[width:]
		}
		return n
	}
	take := func(n uint64) ([]byte, bool) {
		if uint64(len(b)) < n {
			return nil, false
		}
		return b[n:], true
	}
	counted := func(width int, extra uint64) ([]byte, bool) {
		n := number(width)
		if !ok {
			return nil, false
		}
		return take(n + extra)
	}
	values := func(n uint64) ([]byte, bool) {
		for range n {
			if b, ok = slowSkip(b, depth+1); !ok {
				return nil, false
			}
		}
		return b, true
	}
	valuesOf := func(width int, each uint64) ([]byte, bool) {
		n := number(width)
		if !ok {
			return nil, false
		}
		return values(n * each)
	}
	switch {
	case c <= 0x7f, c >= 0xe0, c == 0xc0, c == 0xc2, c == 0xc3:
		return b, true
	case c <= 0x8f:
		return values(2 * uint64(c&15))
	case c <= 0x9f:
		return values(uint64(c & 15))
	case c <= 0xbf:
		return take(uint64(c & 31))
	}
	switch c {
	case 0xc4, 0xd9:
		return counted(1, 0)
	case 0xc5, 0xda:
		return counted(2, 0)
	case 0xc6, 0xdb:
		return counted(4, 0)
	case 0xc7:
		return counted(1, 1)
	case 0xc8:
		return counted(2, 1)
	case 0xc9:
		return counted(4, 1)
	case 0xcc, 0xd0:
		return take(1)
	case 0xcd, 0xd1:
		return take(2)
	case 0xca, 0xce, 0xd2:
		return take(4)
	case 0xcb, 0xcf, 0xd3:
		return take(8)
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return take(1 + 1<<(c-0xd4))
	case 0xdc:
		return valuesOf(2, 1)
	case 0xdd:
		return valuesOf(4, 1)
	case 0xde:
		return valuesOf(2, 2)
	case 0xdf:
		return valuesOf(4, 2)
	}
	return nil, false
}

func addSeeds(f *testing.F) {
	for _, b := range goldens(f) {
		f.Add(b)
		f.Add(b[:len(b)-1])
	}
	for c := range 256 {
		f.Add([]byte{byte(c), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18})
	}
}

func FuzzSkip(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		rest, err := Skip(b)
		want, ok := slowSkip(b, 0)
		if (err == nil) != ok || ok && len(rest) != len(want) {
			t.Errorf("Skip leaves %d bytes, %v; want %d, %v", len(rest), err, len(want), ok)
		}
		_, _, _, _ = ReadExtZC(b)
		_, _, _, _ = ReadFloat(b)
		_, _, _ = ReadInt(b)
		_, _, _ = ReadUint(b)
		_, _, _ = ReadKeyZC(b)
	})
}

// FuzzPairs: Pairs gives what ReadKeyZC and ReadValueZC read.
func FuzzPairs(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		n, rest, err := ReadMapHeader(b)
		if err != nil {
			n = 0
		}
		all, some := ReadPairs(b), ReadPairs(b)
		for range n {
			var key, value []byte
			if key, rest, err = ReadKeyZC(rest); err != nil {
				break
			}
			if value, rest, err = ReadValueZC(rest); err != nil {
				break
			}
			if key == nil {
				continue
			}
			check := func(p *Pairs, lengths KeyLengths) {
				t.Helper()
				k, v, ok := p.Next(lengths)
				if !ok || string(k) != string(key) || string(v) != string(value) {
					t.Fatalf("got %x, %x, %v; want %x, %x", k, v, ok, key, value)
				}
			}
			check(&all, ^KeyLengths(0))
			if len(key)%64 == 3 {
				check(&some, 1<<3)
			}
		}
		if k, v, ok := some.Next(1 << 3); ok {
			t.Fatalf("got %x, %x behind the last", k, v)
		}
		if k, v, ok := all.Next(^KeyLengths(0)); ok {
			t.Fatalf("got %x, %x behind the last", k, v)
		}
	})
}

func FuzzReader(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		r := NewReader(b)
		var ev Event
		steps := 0
		for {
			for r.Next(&ev) {
				if steps++; steps > len(b) {
					t.Fatal("more events than bytes")
				}
				for _, m := range [][]byte{ev.Body, ev.Metadata, ev.GroupMetadata, ev.GroupBody} {
					if m == nil {
						continue
					}
					if rest, ok := slowSkip(m, 0); !ok || len(rest) != 0 || KindOf(m) != Map {
						t.Fatalf("%x is not one map", m)
					}
				}
				if ev.Time < 0 {
					t.Fatalf("time %d", ev.Time)
				}
			}
			if r.Err() == nil {
				if r.Offset() != len(b) {
					t.Fatalf("stopped at byte %d of %d without an error", r.Offset(), len(b))
				}
				break
			}
			if steps++; steps > len(b) {
				t.Fatal("Resume does not move")
			}
			if r.Err().Error() == "" || !r.Resume() {
				break
			}
		}
		if n := Count(b); n != steps {
			t.Fatalf("%d records counted, %d events and errors", n, steps)
		}
		if !bytes.Equal(b, before) {
			t.Fatal("the reader wrote")
		}
	})
}

// Records are the same where another steps over their bodies, or over some of them.
func FuzzWalk(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		plain, walked := NewRecords(b), NewRecords(b)
		bodies := 0
		walked.Walk(func(b []byte) int {
			rest, err := Skip(b)
			if bodies++; bodies%3 == 0 || err != nil || KindOf(b) != Map {
				return 0
			}
			return len(b) - len(rest)
		})
		for plain.Next() {
			if !walked.Next() || fmt.Sprint(walked.Err) != fmt.Sprint(plain.Err) || plain.Err == nil && !reflect.DeepEqual(walked.Event, plain.Event) {
				t.Fatalf("got %v %v, want %v %v", walked.Event, walked.Err, plain.Event, plain.Err)
			}
		}
		if walked.Next() {
			t.Fatalf("one more: %v", walked.Event)
		}
	})
}
