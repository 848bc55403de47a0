package outlogtide

import (
	"github.com/tidegate/tidegate/common/chunk"
)

// fields are the pairs at the top level of one record. They alias the chunk.
type fields struct {
	pairs []pair
	// named is the place of a known field in pairs, counted from 1.
	named [numNames]int
	// chosen are the values that the operator's paths lead to, raw msgpack or
	// nil. paths is what the set of paths writes into.
	chosen [numMembers][]byte
	paths  [][]byte
}

type pair struct {
	// key is the text of a string key, rawKey the msgpack of any.
	key, rawKey []byte
	value       []byte
	// sent pairs are in a member of the log, which says all that they say.
	sent bool
}

// read takes a record apart. fixed holds the values that do not come from it.
func (f *fields) read(ev *chunk.Event, p *plan, fixed *[numMembers][]byte) error {
	f.pairs = f.pairs[:0]
	clear(f.named[:])
	n, b, err := chunk.ReadMapHeader(ev.Body)
	if err != nil {
		return err
	}
	for range n {
		var one pair
		raw := b
		if one.key, b, err = chunk.ReadKeyZC(b); err != nil {
			return err
		}
		one.rawKey = raw[:len(raw)-len(b)]
		if one.value, b, err = chunk.ReadValueZC(b); err != nil {
			return err
		}
		f.pairs = append(f.pairs, one)
		if is := nameOf(one.key); is != otherName {
			// Of repeated keys the last counts, as in most readers of JSON.
			f.named[is] = len(f.pairs)
		}
	}
	f.chosen = *fixed
	if len(p.members) > 0 {
		p.fields.Lookup(ev, f.paths)
		for i, m := range p.members {
			f.chosen[m] = f.paths[i]
		}
	}
	return nil
}

// each calls f with the candidates for a member, the best first, until it
// returns true. It marks the field as sent where whole says that the member
// has all of it.
//
// A value from below the top level is never marked: it stays where it was.
func (f *fields) each(m member, p *plan, try func(value []byte, is name) (found, whole bool)) {
	if value := f.chosen[m]; value != nil {
		if found, whole := try(value, p.names[m]); found {
			if whole {
				f.markValue(value)
			}
			return
		}
	}
	for _, is := range chains[m] {
		at := f.named[is]
		if at == 0 {
			continue
		}
		one := &f.pairs[at-1]
		if found, whole := try(one.value, is); found {
			one.sent = one.sent || whole
			return
		}
	}
}

// markValue marks the pair that holds value. They are the same bytes: what is
// deeper in a pair starts behind the first byte of its value.
func (f *fields) markValue(value []byte) {
	for i := range f.pairs {
		if &f.pairs[i].value[0] == &value[0] {
			f.pairs[i].sent = true
		}
	}
}

// forget drops every reference to the chunk.
func (f *fields) forget() {
	clear(f.pairs[:cap(f.pairs)])
	clear(f.chosen[:])
	clear(f.paths)
}
