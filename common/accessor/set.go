package accessor

import (
	"slices"

	"github.com/tidegate/tidegate/common/chunk"
)

// Set looks up several accessors in one pass over the top level of each map
// that they look in.
type Set struct {
	record, metadata, group members
}

// members are those that look in one map.
type members struct {
	list []member
	// keys are the first keys, each once, and lengths theirs.
	keys    []string
	lengths chunk.KeyLengths
}

func (m *members) add(one member) {
	if one.pick = slices.Index(m.keys, one.key); one.pick < 0 {
		one.pick = len(m.keys)
		m.keys = append(m.keys, one.key)
	}
	m.list = append(m.list, one)
	m.lengths.Add(len(one.key))
}

// member is one accessor of a Set.
type member struct {
	// at is the place of its value.
	at int
	// key is its first key, below what follows.
	key   string
	below []step
	// pick is the place of the first key.
	pick int
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
			s.metadata.add(m)
		case Group:
			s.group.add(m)
		default:
			s.record.add(m)
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
	text = find(&s.record, ev.Body, values, text)
	return s.findBeside(ev, values, text)
}

// Picks returns picks for LookupPicked: of the keys that the set looks for at the top
// level of a record.
func (s *Set) Picks() *chunk.Picks { return chunk.NewPicks(s.record.keys...) }

// LookupPicked is LookupInto where the record was read before, with picks of the set.
func (s *Set) LookupPicked(ev *chunk.Event, picks *chunk.Picks, values [][]byte, text []byte) (moreText []byte) {
	clear(values)
	for i := range s.record.list {
		one := &s.record.list[i]
		value := picks.Value(one.pick)
		if value != nil && len(one.below) > 0 {
			value, text = descend(value, one.below, text)
		}
		values[one.at] = value
	}
	return s.findBeside(ev, values, text)
}

// findBeside looks up the members that are not in the record.
func (s *Set) findBeside(ev *chunk.Event, values [][]byte, text []byte) (moreText []byte) {
	text = find(&s.metadata, ev.Metadata, values, text)
	return find(&s.group, ev.GroupBody, values, text)
}

// find looks up members in one map.
func find(of *members, m []byte, values [][]byte, text []byte) (moreText []byte) {
	if len(of.list) == 0 {
		return text
	}
	pairs := chunk.ReadPairs(m)
	for {
		key, value, ok := pairs.Next(of.lengths)
		if !ok {
			return text
		}
		text = of.take(key, value, values, text)
	}
}

// take puts the value of a pair, or what is in it, where it is asked for. A
// later pair of the same key replaces the value even if it does not hold what the
// path asks for, as in Lookup.
func (m *members) take(key, value []byte, values [][]byte, text []byte) (moreText []byte) {
	for i := range m.list {
		switch one := &m.list[i]; {
		case string(key) != one.key:
		case len(one.below) == 0:
			values[one.at] = value
		default:
			values[one.at], text = descend(value, one.below, text)
		}
	}
	return text
}
