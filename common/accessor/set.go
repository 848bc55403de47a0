package accessor

import "github.com/tidegate/tidegate/common/chunk"

// Set looks up several accessors in one pass over the top level of a record.
type Set struct {
	accessors []*Accessor
}

// NewSet returns a Set of accessors whose source is the record.
func NewSet(accessors ...*Accessor) *Set { return &Set{accessors: accessors} }

// Lookup puts the value of accessor i into values[i], as raw msgpack, or nil
// where the record has none. values has the length of the set.
func (s *Set) Lookup(body []byte, values [][]byte) {
	clear(values)
	if len(s.accessors) == 0 {
		return
	}
	n, b, err := chunk.ReadMapHeader(body)
	if err != nil {
		return
	}
	for range n {
		var k, v []byte
		if k, b, err = chunk.ReadKeyZC(b); err != nil {
			return
		}
		if v, b, err = chunk.ReadValueZC(b); err != nil {
			return
		}
		if k == nil {
			continue
		}
		for i, a := range s.accessors {
			if len(a.steps) == 0 || string(k) != a.steps[0].key {
				continue
			}
			// A later pair of the same key replaces the value even if it
			// does not hold what the path asks for, as in Lookup.
			values[i], _ = descend(v, a.steps[1:])
		}
	}
}
