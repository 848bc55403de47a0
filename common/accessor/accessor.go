// Package accessor finds values in a record by paths such as
// $kubernetes['labels']['app'] or $items[0]['id'].
//
// The syntax is that of Fluent Bit's record accessor, with three additions:
// $['any key'] addresses a key at the top level whatever its letters, keys may
// stand in double quotes too, and everything that cannot be a path is an error
// that says where. A quote inside a quoted key is written twice. $TAG is the
// tag and $TAG[n] its n-th part between dots, counted from 0.
//
// A path always starts with $. Other first characters are kept for sources
// that are not the record.
//
// Accessors are immutable once compiled and safe for concurrent use. Lookups
// allocate nothing; what they return aliases the record.
package accessor

import (
	"strings"

	"github.com/tidegate/tidegate/common/chunk"
)

// Source is where an Accessor looks.
type Source uint8

const (
	// Record is in the body of an event.
	Record Source = iota
	// Tag is the whole tag.
	Tag
	// TagPart is a part of the tag.
	TagPart
)

// step goes down one level: by key into a map or by index into an array.
type step struct {
	key     string
	index   int
	isIndex bool
}

// Accessor is a compiled path.
type Accessor struct {
	text   string
	source Source
	part   int
	steps  []step
}

// Source tells where the accessor looks, and so which lookup to call.
func (a *Accessor) Source() Source { return a.source }

// String returns the path as it was written.
func (a *Accessor) String() string { return a.text }

// Top returns the key at the top level of the record that the path starts
// with.
func (a *Accessor) Top() string {
	if len(a.steps) == 0 {
		return ""
	}
	return a.steps[0].key
}

// Nested reports whether the path goes below the top level.
func (a *Accessor) Nested() bool { return len(a.steps) > 1 }

// Name returns the last key of the path, "tag" for the tag and its parts: what
// the value is called where nothing else names it.
func (a *Accessor) Name() string {
	for i := len(a.steps) - 1; i >= 0; i-- {
		if !a.steps[i].isIndex {
			return a.steps[i].key
		}
	}
	return "tag"
}

// Key returns an accessor of a key at the top level, whatever its letters.
func Key(key string) *Accessor {
	return &Accessor{text: key, steps: []step{{key: key}}}
}

// Lookup returns the value in body, a msgpack map, as raw msgpack. Of repeated
// keys the last counts, as in Fluent Bit and in most readers of JSON.
func (a *Accessor) Lookup(body []byte) (value []byte, ok bool) {
	if a.source != Record {
		return nil, false
	}
	return descend(body, a.steps)
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

// descend follows steps into value. Bytes that are no msgpack have no values.
func descend(value []byte, steps []step) ([]byte, bool) {
	for i := range steps {
		s := &steps[i]
		var ok bool
		if s.isIndex {
			value, ok = element(value, s.index)
		} else {
			value, ok = field(value, s.key)
		}
		if !ok {
			return nil, false
		}
	}
	return value, true
}

// field returns the value of the last pair of the map whose key is key.
func field(value []byte, key string) (found []byte, ok bool) {
	n, b, err := chunk.ReadMapHeader(value)
	if err != nil {
		return nil, false
	}
	for range n {
		var k, v []byte
		if k, b, err = chunk.ReadKeyZC(b); err != nil {
			return nil, false
		}
		if v, b, err = chunk.ReadValueZC(b); err != nil {
			return nil, false
		}
		if k != nil && string(k) == key {
			found, ok = v, true
		}
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
