package chunk

// KeyLengths is a set of lengths of keys, modulo 64. Where few pairs of a map
// are wanted, most of the others have a key of another length and need no look
// at its bytes.
type KeyLengths uint64

// Add adds the length of a key.
func (l *KeyLengths) Add(n int) { *l |= 1 << (uint(n) % 64) }

func (l KeyLengths) has(n int) bool { return l>>(uint(n)%64)&1 != 0 }

// Pairs walks over pairs of a map.
type Pairs struct {
	b    []byte
	at   int
	left int
}

// ReadPairs returns the pairs of the map at the front of m. Bytes that are no
// map have none, and those behind an error have none.
func ReadPairs(m []byte) Pairs {
	n, b, err := ReadMapHeader(m)
	if err != nil {
		return Pairs{}
	}
	return Pairs{b: b, left: n}
}

// Next returns the next pair whose key is a string or bin of one of the
// lengths: the bytes of the key, and the value as raw msgpack.
//
// Nearly all keys and values of a record are of a length that the first byte
// tells, or the second; they are stepped over without a call.
func (p *Pairs) Next(lengths KeyLengths) (key, value []byte, ok bool) {
	b, at := p.b, p.at
	for left := p.left; left > 0; left-- {
		if at >= len(b) {
			break
		}
		start, end := at+1, at+1+int(b[at]&0x1f)
		wanted := true
		if b[at]&0xe0 != 0xa0 {
			text, rest, err := ReadKeyZC(b[at:])
			if err != nil {
				break
			}
			end = len(b) - len(rest)
			start, wanted = end-len(text), text != nil
		}
		if end >= len(b) {
			break
		}
		if at = pastShort(b, end); at == 0 {
			var err error
			if at, err = skip(b, end); err != nil {
				break
			}
		}
		if at > len(b) {
			break
		}
		if wanted && lengths.has(end-start) {
			p.at, p.left = at, left-1
			return b[start:end:end], b[end:at:at], true
		}
	}
	p.left = 0
	return nil, nil, false
}

// pastShort returns the end of the value that starts at, which may be past that
// of b, or 0 if its first byte does not tell.
func pastShort(b []byte, at int) int {
	c := b[at]
	if c&0xe0 == 0xa0 {
		return at + 1 + int(c&0x1f)
	}
	if s := &shapes[c]; s.width|s.opens == 0 {
		return at + int(s.size)
	}
	return 0
}
