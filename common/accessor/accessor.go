// Package accessor finds values in a record by paths such as
// $kubernetes['labels']['app'] or $items[0]['id'].
//
// The syntax is that of Fluent Bit's record accessor, with three additions:
// $['any key'] addresses a key at the top level whatever its letters, keys may
// stand in double quotes too, and everything that cannot be a path is an error
// that says where. A quote inside a quoted key is written twice. $TAG is the
// tag and $TAG[n] its n-th part between dots, counted from 0.
//
// What comes with a record but is not in it starts with @, so that it cannot
// be taken for a field, whatever fields there are:
//
//	@metadata['kafka']['topic']   the event's metadata
//	@resource['service.name']     an attribute of the OTLP resource
//	@scope['name']                the OTLP scope: name, version, attributes, schema_url
//	@group['key']                 anything that opens the record's group
//
// A resource is nothing but its attributes, so its keys are theirs. A scope
// has a name and a version of its own, its attributes are a level deeper:
// @scope['attributes']['key']. Both are short for a path into the group,
// @group['resource']['attributes']['service.name'].
//
// A path walks on into text: where a step meets a string that holds JSON, that
// is scanned for the rest of the path, and no further. $log['deviceid'] works
// on a line that was never parsed, also where another program wrote the JSON
// as a string into its own. See package jsonscan.
//
// There is no @timestamp: the name belongs to a field that many records have,
// and each output has an option for the time.
//
// Accessors are immutable once compiled and safe for concurrent use. What
// lookups return aliases the record, and they allocate nothing; what they find
// in text is copied, into memory of the caller where that matters: see
// Set.LookupInto.
package accessor

import (
	"fmt"
	"strconv"
	"strings"
)

// Source is where an Accessor looks.
type Source uint8

const (
	// Record is the body of an event.
	Record Source = iota
	// Metadata is the metadata of an event.
	Metadata
	// Group is the body of the marker that opened an event's group.
	Group
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

// Source tells where the accessor looks.
func (a *Accessor) Source() Source { return a.source }

// InEvent reports whether the accessor looks in an event, which takes Lookup
// or a Set. The others look in the tag, once for a whole chunk: see LookupTag.
func (a *Accessor) InEvent() bool { return a.source <= Group }

// String returns the path as it was written.
func (a *Accessor) String() string { return a.text }

// Top returns the key at the top level of its source that the path starts
// with, empty for the tag.
func (a *Accessor) Top() string {
	if len(a.steps) == 0 {
		return ""
	}
	return a.steps[0].key
}

// Nested reports whether the path goes below the top level of its source.
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

// FullName returns all keys of the path and its indexes, with _ between: what
// Fluent Bit's own Loki output calls the value.
func (a *Accessor) FullName() string {
	var b strings.Builder
	for i, s := range a.steps {
		if i > 0 {
			b.WriteByte('_')
		}
		if s.isIndex {
			b.WriteString(strconv.Itoa(s.index))
		} else {
			b.WriteString(s.key)
		}
	}
	if b.Len() == 0 {
		return "tag"
	}
	return b.String()
}

// Keys returns the keys of a path that has no index, from the top level of its
// source on.
func (a *Accessor) Keys() (keys []string, ok bool) {
	for _, s := range a.steps {
		if s.isIndex {
			return nil, false
		}
		keys = append(keys, s.key)
	}
	return keys, len(keys) > 0
}

// Key returns an accessor of a key at the top level, whatever its letters.
func Key(key string) *Accessor {
	return &Accessor{text: key, steps: []step{{key: key}}}
}

// Below returns an accessor of keys from the top level of the record down, of
// which there is at least one.
func Below(keys ...string) (*Accessor, error) {
	if len(keys) > maxSteps {
		return nil, fmt.Errorf("a path has at most %d keys", maxSteps)
	}
	a := &Accessor{}
	var text strings.Builder
	text.WriteByte('$')
	for _, key := range keys {
		a.steps = append(a.steps, step{key: key})
		text.WriteString("['" + strings.ReplaceAll(key, "'", "''") + "']")
	}
	a.text = text.String()
	return a, nil
}
