package outlogtide

import (
	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/chunk"
)

// plan says where the members of a log come from before the record's own
// fields are asked. It is made once and only read afterwards.
type plan struct {
	// fields looks up the paths into the record, members tells whose they are.
	fields  *accessor.Set
	members []member
	// names are what the paths end in: a priority means the same wherever it
	// stands.
	names [numMembers]name
	// fixed is msgpack, as a field's value would be.
	fixed [numMembers][]byte
	tags  [numMembers]*accessor.Accessor
}

func newPlan(sources *[numMembers]source) *plan {
	p := &plan{}
	var fields []*accessor.Accessor
	for m := range numMembers {
		s := &sources[m]
		switch {
		case s.text == "":
		case s.path == nil:
			p.fixed[m] = chunk.AppendString(nil, s.text)
		case s.path.InEvent():
			fields = append(fields, s.path)
			p.members = append(p.members, m)
			p.names[m] = nameOf([]byte(s.path.Name()))
		default:
			p.tags[m] = s.path
		}
	}
	p.fields = accessor.NewSet(fields...)
	return p
}

// resolve returns the values that are the same for all records of a tag.
func (p *plan) resolve(tag string) [numMembers][]byte {
	values := p.fixed
	for m, path := range p.tags {
		if path == nil {
			continue
		}
		if text, ok := path.LookupTag(tag); ok {
			values[m] = chunk.AppendString(nil, text)
		}
	}
	return values
}
