package accessor

import "github.com/tidegate/tidegate/common/chunk"

// Set looks up several accessors in one pass over the top level of each map
// that they look in.
type Set struct {
	record, metadata, group []member
}

// member is one accessor of a Set.
type member struct {
	// at is the place of its value.
	at int
	// key is its first key, below what follows.
	key   string
	below []step
}

// NewSet returns a Set of accessors that look in an event. Others find
// nothing in it.
func NewSet(accessors ...*Accessor) *Set {
	s := &Set{}
	for i, a := range accessors {
		if !a.InEvent() {
			continue
		}
		m := member{at: i, key: a.steps[0].key, below: a.steps[1:]}
		switch a.source {
		case Metadata:
			s.metadata = append(s.metadata, m)
		case Group:
			s.group = append(s.group, m)
		default:
			s.record = append(s.record, m)
		}
	}
	return s
}

// Lookup puts the value of accessor i into values[i], as raw msgpack, or
// nil where the event has none. values has the length of the set.
func (s *Set) Lookup(ev *chunk.Event, values [][]byte) { s.LookupInto(ev, values, nil) }

// LookupInto is Lookup with memory for what is found in text: that is appended
// to text, which the values then alias.
func (s *Set) LookupInto(ev *chunk.Event, values [][]byte, text []byte) (moreText []byte) {
	clear(values)
	text = find(s.record, ev.Body, values, text)
	text = find(s.metadata, ev.Metadata, values, text)
	return find(s.group, ev.GroupBody, values, text)
}

// find looks up members in one map.
func find(members []member, m []byte, values [][]byte, text []byte) (moreText []byte) {
	if len(members) == 0 {
		return text
	}
	n, b, err := chunk.ReadMapHeader(m)
	if err != nil {
		return text
	}
	for range n {
		var k, v []byte
		if k, b, err = chunk.ReadKeyZC(b); err != nil {
			return text
		}
		if v, b, err = chunk.ReadValueZC(b); err != nil {
			return text
		}
		if k == nil {
			continue
		}
		for i := range members {
			if one := &members[i]; string(k) == one.key {
				// A later pair of the same key replaces the value even if it
				// does not hold what the path asks for, as in Lookup.
				if len(one.below) == 0 {
					values[one.at] = v
				} else {
					values[one.at], text = descend(v, one.below, text)
				}
			}
		}
	}
	return text
}
