package outloki

import (
	"slices"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/jsontext"
)

// value is a text made of parts: of a fixed text, of paths, or of a template's.
type value struct{ parts []valuePart }

// valuePart is a part of a value, with one of three sources: a fixed text, the
// tag, or the record.
type valuePart struct {
	fixed string
	// tag is nil for the other sources.
	tag *accessor.Accessor
	// field is its place among the plan's fields, or notField.
	field int
}

const notField = -1

// view is what values look at: a record, by the plan's fields, raw msgpack or
// nil, and the tag of its chunk, which is valid UTF-8.
type view struct {
	tag    string
	fields [][]byte
}

// append appends the text, and tells whether each part had one: a value that is
// missing, null or empty has none.
func (v *value) append(dst []byte, rec *view) (out []byte, whole bool, err error) {
	whole = true
	for i := range v.parts {
		p, start := &v.parts[i], len(dst)
		switch {
		case p.tag != nil:
			text, _ := p.tag.LookupTag(rec.tag)
			dst = append(dst, text...)
		case p.field == notField:
			dst = append(dst, p.fixed...)
		case !isNil(rec.fields[p.field]):
			if dst, err = jsontext.AppendText(dst, rec.fields[p.field]); err != nil {
				return dst, false, err
			}
		}
		whole = whole && len(dst) > start
	}
	return dst, whole, nil
}

// fixed reports whether the text is the same for every record.
func (v *value) fixed() bool {
	return !slices.ContainsFunc(v.parts, func(p valuePart) bool { return p.tag != nil || p.field != notField })
}

// fieldList gives the paths of values their places.
type fieldList struct{ paths []*accessor.Accessor }

func (f *fieldList) add(path *accessor.Accessor) int {
	f.paths = append(f.paths, path)
	return len(f.paths) - 1
}

func (f *fieldList) value(t accessor.Template) value {
	var v value
	for _, p := range t.Parts() {
		part := valuePart{fixed: p.Fixed, field: notField}
		switch {
		case p.Path == nil:
		case p.Path.InEvent():
			part.field = f.add(p.Path)
		default:
			part.tag = p.Path
		}
		v.parts = append(v.parts, part)
	}
	return v
}
