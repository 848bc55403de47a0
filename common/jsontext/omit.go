package jsontext

import "github.com/tidegate/tidegate/common/chunk"

// Omit is keys that are left out of a map, at its top level or deeper. A nil
// one leaves out nothing. It is only read once it is made.
type Omit struct {
	keys []omitted
}

// omitted is a key that is left out, or from whose map something is.
type omitted struct {
	key   string
	below *Omit // nil for all of it
}

// Add adds a path of keys, at least one.
func (o *Omit) Add(path ...string) {
	for i := range o.keys {
		k := &o.keys[i]
		switch {
		case k.key != path[0]:
			continue
		case k.below == nil:
		case len(path) == 1:
			k.below = nil
		default:
			k.below.Add(path[1:]...)
		}
		return
	}
	k := omitted{key: path[0]}
	if len(path) > 1 {
		k.below = &Omit{}
		k.below.Add(path[1:]...)
	}
	o.keys = append(o.keys, k)
}

// find tells what is left out of a key's value: something, or the whole.
func (o *Omit) find(key []byte) (below *Omit, whole bool) {
	if o == nil || key == nil {
		return nil, false
	}
	for i := range o.keys {
		if k := &o.keys[i]; k.key == string(key) {
			return k.below, k.below == nil
		}
	}
	return nil, false
}

// Each calls f for every pair of the map at the front of b that is not left
// out, with the raw msgpack of both and what is left out of the value. It ends
// where f returns false.
func (o *Omit) Each(b []byte, f func(key, value []byte, below *Omit) bool) error {
	n, b, err := chunk.ReadMapHeader(b)
	if err != nil {
		return err
	}
	for range n {
		raw := b
		var key, value []byte
		if key, b, err = chunk.ReadKeyZC(b); err != nil {
			return err
		}
		raw = raw[:len(raw)-len(b)]
		if value, b, err = chunk.ReadValueZC(b); err != nil {
			return err
		}
		if below, whole := o.find(key); !whole && !f(raw, value, below) {
			return nil
		}
	}
	return nil
}

// Single returns the value of the only pair of the map at the front of b that
// is not left out, if there is exactly one.
func (o *Omit) Single(b []byte) (value []byte, below *Omit, ok bool) {
	pairs := 0
	err := o.Each(b, func(_, v []byte, left *Omit) bool {
		value, below = v, left
		pairs++
		return pairs < 2
	})
	return value, below, err == nil && pairs == 1
}

// AppendValue is Append of a value from which omit is left out, if it is a map.
func AppendValue(dst, b []byte, omit *Omit) ([]byte, error) {
	if omit != nil && chunk.KindOf(b) == chunk.Map {
		return AppendWithout(dst, b, omit)
	}
	return Append(dst, b)
}
