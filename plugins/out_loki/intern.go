package outloki

import (
	"bytes"
	"hash/maphash"
)

// interner numbers byte strings from 0: equal ones get the same number. It
// copies what it keeps and allocates only to grow.
type interner struct {
	seed  maphash.Seed
	slots []slot
	spans []span
	bytes []byte
}

// slot is a place in the hash table. number is one above the real one, so that
// a zero slot is free.
type slot struct {
	hash   uint64
	number int32
}

type span struct{ start, end int }

// minSlots is enough for the streams of an ordinary chunk.
const minSlots = 256

func newInterner() interner {
	return interner{seed: maphash.MakeSeed(), slots: make([]slot, minSlots)}
}

// intern returns the number of b and whether it is a new one.
func (t *interner) intern(b []byte) (number int32, isNew bool) {
	if 2*len(t.spans) >= len(t.slots) {
		t.grow()
	}
	hash := maphash.Bytes(t.seed, b)
	at := t.find(hash, b)
	if n := t.slots[at].number; n != 0 {
		return n - 1, false
	}
	start := len(t.bytes)
	t.bytes = append(t.bytes, b...)
	t.spans = append(t.spans, span{start, len(t.bytes)})
	t.slots[at] = slot{hash, int32(len(t.spans))}
	return int32(len(t.spans)) - 1, true
}

// find returns the slot that holds b, or the free one where it belongs. At
// least half of the slots are free.
func (t *interner) find(hash uint64, b []byte) int {
	mask := len(t.slots) - 1
	for at := int(hash) & mask; ; at = (at + 1) & mask {
		s := t.slots[at]
		if s.number == 0 || s.hash == hash && bytes.Equal(t.get(s.number-1), b) {
			return at
		}
	}
}

func (t *interner) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	mask := len(t.slots) - 1
	for _, s := range old {
		if s.number == 0 {
			continue
		}
		at := int(s.hash) & mask
		for t.slots[at].number != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = s
	}
}

// get returns the bytes of a number. They are valid until reset.
func (t *interner) get(number int32) []byte {
	s := t.spans[number]
	return t.bytes[s.start:s.end]
}

func (t *interner) len() int { return len(t.spans) }

func (t *interner) reset() {
	clear(t.slots)
	t.spans, t.bytes = t.spans[:0], t.bytes[:0]
}
