package chunk

import "slices"

// Picks are the values of some keys of a map, noted by who reads the map for something
// else. Of repeated keys the last counts.
type Picks struct {
	keys   []string
	values [][]byte
}

// NewPicks returns the picks of keys, no two of which are equal.
func NewPicks(keys ...string) *Picks { return &Picks{keys, make([][]byte, len(keys))} }

// Place returns the place of a key, -1 if it is not picked.
func (p *Picks) Place(key []byte) int {
	return slices.IndexFunc(p.keys, func(k string) bool { return k == string(key) })
}

// Put notes the value of the key in a place, as raw msgpack.
func (p *Picks) Put(place int, value []byte) { p.values[place] = value }

// Value returns the value of the key in a place, nil for none.
func (p *Picks) Value(place int) []byte { return p.values[place] }

// Reset forgets the map.
func (p *Picks) Reset() { clear(p.values) }
