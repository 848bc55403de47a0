package outloki

import (
	"errors"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/jsontext"
	"github.com/tidegate/tidegate/common/labels"
)

// defaultName and defaultValue make the label of a record that has no other:
// Loki takes no stream without labels. It is the one that Fluent Bit's own
// output uses, so that queries find the same records after a move.
const (
	defaultName  = "job"
	defaultValue = "fluent-bit"
)

// plan says how records get their labels. It is made once and only read
// afterwards.
type plan struct {
	// labels are sorted by name, those of fixed value among them.
	labels []plannedLabel
	// fields looks up the labels that come from the record.
	fields *accessor.Set
	// width is the number of fields.
	width int
}

// plannedLabel is a label with one of three sources: a fixed value, the tag,
// or the record.
type plannedLabel struct {
	name  string
	fixed []byte
	// tag is nil for the other sources.
	tag *accessor.Accessor
	// field is the label's place in plan.fields, or notField.
	field int
}

const notField = -1

// newPlan puts the labels of both options together. The error names all
// labels that are there twice.
func newPlan(lists ...[]binding) (*plan, error) {
	var names labels.Names
	var errs []error
	all := slices.Concat(lists...)
	for _, b := range all {
		errs = append(errs, names.Add(b.name, b.text))
	}
	slices.SortStableFunc(all, func(a, b binding) int { return strings.Compare(a.name, b.name) })
	p := &plan{}
	var fields []*accessor.Accessor
	for _, b := range all {
		l := plannedLabel{name: b.name, field: notField}
		switch {
		case b.path == nil:
			l.fixed = []byte(b.static)
		case b.path.InEvent():
			l.field = len(fields)
			fields = append(fields, b.path)
		default:
			l.tag = b.path
		}
		p.labels = append(p.labels, l)
	}
	p.fields, p.width = accessor.NewSet(fields...), len(fields)
	return p, errors.Join(errs...)
}

// appendText appends the label set of a record whose fields hold values, raw
// msgpack or nil. It runs once for each stream of a chunk.
func (p *plan) appendText(dst []byte, tag string, values [][]byte) ([]byte, error) {
	set := make([]labels.Label, 0, len(p.labels))
	for _, l := range p.labels {
		value := l.fixed
		switch {
		case l.tag != nil:
			text, _ := l.tag.LookupTag(tag)
			value = []byte(strings.ToValidUTF8(text, "\uFFFD"))
		case l.field != notField && !isNil(values[l.field]):
			var err error
			if value, err = jsontext.AppendText(nil, values[l.field]); err != nil {
				return dst, err
			}
		}
		set = append(set, labels.Label{Name: l.name, Value: value})
	}
	out, n := labels.Append(dst, set)
	if n == 0 {
		out, _ = labels.Append(dst, []labels.Label{{Name: defaultName, Value: []byte(defaultValue)}})
	}
	return out, nil
}
