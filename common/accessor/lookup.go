package accessor

import (
	"strings"

	"github.com/tidegate/tidegate/common/chunk"
)

// Lookup returns the value in an event, as raw msgpack. Of repeated keys the
// last counts, as in Fluent Bit and in most readers of JSON; in text the first,
// behind which it is not read.
func (a *Accessor) Lookup(ev *chunk.Event) (value []byte, ok bool) {
	switch a.source {
	case Record:
		value, _ = descend(ev.Body, a.steps, nil)
	case Metadata:
		value, _ = descend(ev.Metadata, a.steps, nil)
	case Group:
		value, _ = descend(ev.GroupBody, a.steps, nil)
	}
	return value, value != nil
}

// LookupTag returns the tag or the part of it that the accessor names.
func (a *Accessor) LookupTag(tag string) (value string, ok bool) {
	switch a.source {
	case Tag:
		return tag, tag != ""
	case TagPart:
		for range a.part {
			_, rest, found := strings.Cut(tag, ".")
			if !found {
				return "", false
			}
			tag = rest
		}
		value, _, _ = strings.Cut(tag, ".")
		return value, value != ""
	default:
		return "", false
	}
}

// descend follows steps into value, nil if there is no such value. What it
// finds in text is appended to text and aliases that; anything else aliases
// value. Bytes that are no msgpack have no values.
func descend(value []byte, steps []step, text []byte) (found, moreText []byte) {
	for i := range steps {
		s := &steps[i]
		var ok bool
		switch chunk.KindOf(value) {
		case chunk.String, chunk.Bin:
			return readText(value, steps[i:], text)
		case chunk.Array:
			value, ok = element(value, s.index)
			ok = ok && s.isIndex
		default:
			value, ok = field(value, s.key)
			ok = ok && !s.isIndex
		}
		if !ok {
			return nil, text
		}
	}
	return value, text
}

// field returns the value of the last pair of the map whose key is key.
func field(value []byte, key string) (found []byte, ok bool) {
	for v := range chunk.Values(value, key) {
		found, ok = v, true
	}
	return found, ok
}

// element returns the value at index in the array.
func element(value []byte, index int) ([]byte, bool) {
	n, b, err := chunk.ReadArrayHeader(value)
	if err != nil || index >= n {
		return nil, false
	}
	for range index {
		if b, err = chunk.Skip(b); err != nil {
			return nil, false
		}
	}
	v, _, err := chunk.ReadValueZC(b)
	return v, err == nil
}
