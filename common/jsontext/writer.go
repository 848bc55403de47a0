package jsontext

import (
	"encoding/binary"

	"github.com/tidegate/tidegate/common/chunk"
)

// Writer writes many maps that have mostly the same keys, as the records of a chunk do.
// It keeps the JSON of short plain keys: a key is found by its first bytes, whatever
// else is in its map, and written in two steps of eight bytes without a look at each
// character. It is for one goroutine.
type Writer struct {
	picks *chunk.Picks
	omit  *Omit
	keys  [1 << placeBits]knownKey
}

// knownKey is a key of up to maxKnown bytes, and where its value goes.
type knownKey struct {
	// packed is the key in msgpack, text is `,"key":`.
	packed, text [2]uint64
	// pick is the place of the key in the picks, or noPick.
	pick int
	// misses counts how often a key came here and was not found.
	misses int
}

const (
	placeBits = 8
	// keyRoom is how many bytes are read and written at once.
	keyRoom = 16
	// maxKnown leaves room for what is around a key.
	maxKnown = keyRoom - len(`,"":`)
	// maxMisses is how many keys come to the place of another before one takes it:
	// two that share a place would drive each other out otherwise.
	maxMisses = 16
	// noKey is what no key begins with.
	noKey  = ^uint64(0)
	noPick = -1
)

// NewWriter returns a Writer that leaves out what omit names, and notes what picks want
// of the top level of each map. Both may be nil.
func NewWriter(omit *Omit, picks *chunk.Picks) *Writer {
	w := &Writer{picks: picks, omit: omit}
	for i := range w.keys {
		w.keys[i].packed[0] = noKey
	}
	return w
}

// AppendMap appends the JSON of the map at the front of b, and returns what follows it.
// With an error what was appended is not to be used, nor are the picks.
func (w *Writer) AppendMap(dst, b []byte) (out, rest []byte, err error) {
	return appendMap(dst, b, w.omit, level{writer: w})
}

// keyMasks are the bytes that a key takes in msgpack, by its length, which is in the low
// bits of the first. Of a key that is too long they are that byte only.
var keyMasks = func() (masks [32][2]uint64) {
	for n := range masks {
		var mask [keyRoom]byte
		for i := range mask {
			if i == 0 || i <= n && n <= maxKnown {
				mask[i] = 0xff
			}
		}
		masks[n] = twoWords(&mask)
	}
	return masks
}()

func twoWords(b *[keyRoom]byte) [2]uint64 {
	return [2]uint64{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])}
}

// find returns the key at the front of b if it is known and there is room for it in dst.
func (w *Writer) find(dst, b []byte) *knownKey {
	if w == nil || len(b) < keyRoom || cap(dst)-len(dst) < keyRoom {
		return nil
	}
	k, first, second := w.slot(b)
	if first != k.packed[0] || second != k.packed[1] {
		return nil
	}
	return k
}

// slot returns the place for the key at the front of b, which has keyRoom bytes at
// least, and what of them is the key.
func (w *Writer) slot(b []byte) (k *knownKey, first, second uint64) {
	first, second = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	mask := &keyMasks[first%uint64(len(keyMasks))]
	first, second = first&mask[0], second&mask[1]
	return &w.keys[first*0x9e3779b97f4a7c15>>(64-placeBits)], first, second
}

// append appends the key, which is at the front of b.
func (k *knownKey) append(dst, b []byte, before byte) (out, rest []byte) {
	at := len(dst)
	to := dst[at:cap(dst)]
	binary.LittleEndian.PutUint64(to, k.text[0])
	binary.LittleEndian.PutUint64(to[8:], k.text[1])
	to[0] = before
	size := int(b[0] & 0x1f)
	return dst[:at+size+len(`,"":`)], b[1+size:]
}

// place returns the place in the picks of the key at the front of b.
func (w *Writer) place(b []byte) (pick int) {
	key, _, err := chunk.ReadKeyZC(b)
	if err != nil || key == nil || w.picks == nil {
		return noPick
	}
	return w.picks.Place(key)
}

// learn is told of a key that was written, of its msgpack and its text, and returns its
// place in the picks.
func (w *Writer) learn(packed, text []byte) (pick int) {
	pick = w.place(packed)
	isPlain := len(text) == len(packed)-1+len(`,"":`)
	if packed[0]&0xe0 != 0xa0 || len(text) > keyRoom || !isPlain {
		return pick
	}
	var room [keyRoom]byte
	copy(room[:], packed)
	k, first, second := w.slot(room[:])
	if k.misses++; k.packed[0] == noKey || k.misses == maxMisses {
		copy(room[:], text)
		*k = knownKey{packed: [2]uint64{first, second}, text: twoWords(&room), pick: pick}
	}
	return pick
}
