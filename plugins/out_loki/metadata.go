package outloki

import (
	"encoding/binary"
	"errors"
	"hash/maphash"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/labels"
)

// plannedMetadata is where the structured metadata of a record comes from.
type plannedMetadata struct {
	pairs []plannedPair
	ids   []plannedID
	// maps are fields each of whose pairs is one of metadata.
	maps []int
	// level tells that a pair of a map that is called level is normalised.
	level bool
	// some tells that there is anything to look for.
	some bool
}

// plannedPair is a pair of metadata and where its value comes from.
type plannedPair struct {
	name  string
	value value
	level bool // to be normalised
}

// plannedID is the id of a trace or span: the first of fields that has one.
type plannedID struct {
	name   string
	fields []int
	size   int // of an id in bytes
}

// Sizes of ids, by the W3C's trace context and OTLP.
const (
	traceIDSize = 16
	spanIDSize  = 8
)

func (l *labeling) planMetadata(fields *fieldList) (plannedMetadata, error) {
	m := plannedMetadata{level: l.normalizeLevel}
	var names labels.Names
	var errs []error
	for _, b := range l.metadata.list {
		name := b.called(l.labelNames == namesByFullPath)
		errs = append(errs, names.Add(name, b.text))
		m.pairs = append(m.pairs, plannedPair{name, fields.value(b.value), l.normalizeLevel && name == levelName})
	}
	for _, id := range []struct {
		name  string
		paths []*accessor.Accessor
		size  int
	}{{"trace_id", l.traceID.paths, traceIDSize}, {"span_id", l.spanID.paths, spanIDSize}} {
		if len(id.paths) == 0 {
			continue
		}
		errs = append(errs, names.Add(id.name, "option "+id.name))
		planned := plannedID{name: id.name, size: id.size}
		for _, path := range id.paths {
			planned.fields = append(planned.fields, fields.add(path))
		}
		m.ids = append(m.ids, planned)
	}
	for _, path := range l.metadataMaps.paths {
		m.maps = append(m.maps, fields.add(path))
	}
	m.some = len(m.pairs)+len(m.ids)+len(m.maps) > 0
	return m, errors.Join(errs...)
}

// metadata writes the structured metadata of entries.
type metadata struct {
	plan *plannedMetadata
	// text is the value that is being written, name the key of a map.
	text, name []byte
	// names are those that the present entry has, where maps could repeat them.
	names interner
	// suffixes has the last number that was put behind each of them.
	suffixes []int32
	// there are the pairs that the limits put into the present entry.
	there []byte
}

func newMetadata(p *plannedMetadata) metadata {
	m := metadata{plan: p}
	if len(p.maps) > 0 {
		m.names = interner{seed: maphash.MakeSeed(), slots: make([]slot, nameSlots)}
	}
	return m
}

// memory is how many bytes are held for texts.
func (m *metadata) memory() int { return cap(m.text) + cap(m.name) + cap(m.names.bytes) }

// append appends the metadata of a record to an entry whose pairs start at
// first: those that are there are what the limits put in, and they keep their
// names. With an error it returns dst as it was.
func (m *metadata) append(dst []byte, first int, rec *view) (out []byte, err error) {
	out = dst
	if m.plan.maps != nil {
		m.forgetNames()
	}
	m.there = dst[first:]
	if len(m.there) > 0 && m.plan.maps != nil {
		m.internAll(m.there)
	}
	for i := range m.plan.pairs {
		p := &m.plan.pairs[i]
		var whole bool
		if m.text, whole, err = p.value.append(m.text[:0], rec); err != nil {
			return dst, err
		}
		switch {
		case !whole:
		case p.level:
			out = m.pair(out, p.name, normalLevel(m.text))
		default:
			out = m.pair(out, p.name, m.text)
		}
	}
	for i := range m.plan.ids {
		id := &m.plan.ids[i]
		if m.text, err = id.append(m.text[:0], rec); err != nil {
			return dst, err
		}
		if len(m.text) > 0 {
			out = m.pair(out, id.name, m.text)
		}
	}
	explicit := m.names.len()
	for _, field := range m.plan.maps {
		if out, err = m.spread(out, rec.fields[field], explicit); err != nil {
			return dst, err
		}
	}
	return out, nil
}

// pair appends a pair whose name the operator chose.
func (m *metadata) pair(dst []byte, name string, text []byte) []byte {
	if len(m.there) > 0 && hasPair(m.there, name) {
		return dst
	}
	if m.plan.maps != nil {
		m.name = append(m.name[:0], name...)
		m.intern()
	}
	return appendPair(dst, name, text)
}

// internAll notes the names of encoded pairs.
func (m *metadata) internAll(pairs []byte) {
	for len(pairs) > 0 {
		pair, n := readField(pairs)
		name, _ := readField(pair)
		m.name = append(m.name[:0], name...)
		m.intern()
		pairs = pairs[n:]
	}
}

// hasPair reports whether one of encoded pairs has a name.
func hasPair(pairs []byte, name string) bool {
	for len(pairs) > 0 {
		pair, n := readField(pairs)
		if got, _ := readField(pair); string(got) == name {
			return true
		}
		pairs = pairs[n:]
	}
	return false
}

// appendPair appends a field of an entry:
//
//	message LabelPairAdapter {
//	  string name = 1;
//	  string value = 2;
//	}
func appendPair[T string | []byte](dst []byte, name T, text []byte) []byte {
	dst = append(dst, tag3Bytes)
	dst = binary.AppendUvarint(dst, uint64(fieldSize(len(name))+fieldSize(len(text))))
	dst = append(dst, tag1Bytes)
	dst = binary.AppendUvarint(dst, uint64(len(name)))
	dst = append(dst, name...)
	dst = append(dst, tag2Bytes)
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	return append(dst, text...)
}
