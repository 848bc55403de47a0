package outloki

import (
	"encoding/binary"
	"errors"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/labels"
	"github.com/tidegate/tidegate/common/reasons"
)

// Errors of a record that has no stream.
var (
	errLabels    = errors.New("writing labels: a value is nested too deep")
	errBadTenant = errors.New("finding the tenant: Loki takes no tenant of that name")
)

// What stands for the stream of such records.
const (
	noStream int32 = -1 - iota
	noTenant
)

// streams finds the stream of each record of a chunk.
//
// The raw msgpack of the values that a record's labels and tenant are made of,
// one after the other, is its key. The label set is written once for each key;
// keys that write the same set, such as the number 5 and the string "5", are
// one stream.
type streams struct {
	plan *plan

	// rec is the record that was looked at last, text what was found in its
	// strings.
	rec  view
	text []byte
	key  []byte
	keys interner
	// ofKey is the stream of each key.
	ofKey []int32
	// texts numbers the label sets. The number is the stream's.
	texts streamTexts
	// tenants numbers the tenants, ofTenant has that of each stream.
	tenants  interner
	ofTenant []int32
	// names has the tenants as strings, by number.
	names   []string
	scratch []byte

	// last is the key of the last record; movedOf is, by key, the structured
	// metadata that its labels left behind, in pairs.
	last    int32
	movedOf []span
	pairs   []byte
	// limits make label sets fit, nil for none; changes are what they did.
	limits  *labelLimits
	changes *reasons.Sums[change]
}

func newStreams(p *plan) streams {
	return streams{
		plan: p, rec: view{fields: make([][]byte, p.width)},
		keys: newInterner(), texts: streamTexts{newInterner()}, tenants: newInterner(),
	}
}

// streamTexts numbers label sets, those of each tenant apart: the number of
// the tenant stands before the text.
type streamTexts struct{ interner }

// tenantSize is the size of that number.
const tenantSize = 4

// get returns the label set of a stream. It is valid until reset.
func (t *streamTexts) get(stream int32) []byte { return t.interner.get(stream)[tenantSize:] }

// missing stands in a key for a field without a value. No msgpack value
// starts with this byte.
const missing = 0xc1

// look looks at a record.
func (s *streams) look(ev *chunk.Event) {
	s.text = s.plan.fields.LookupInto(ev, s.rec.fields, s.text[:0])
}

// lookPicked is look where the record was read before: see ahead.
func (s *streams) lookPicked(ev *chunk.Event, picks *chunk.Picks) {
	s.text = s.plan.fields.LookupPicked(ev, picks, s.rec.fields, s.text[:0])
}

// find returns the stream of the record that was looked at, or an error of those
// above.
func (s *streams) find() (int32, error) {
	s.key = s.key[:0]
	for _, v := range s.rec.fields[:s.plan.keyed] {
		if v == nil {
			s.key = append(s.key, missing)
		} else {
			s.key = append(s.key, v...)
		}
	}
	number, isNew := s.keys.intern(s.key)
	s.last = number
	if isNew {
		start := len(s.pairs)
		s.ofKey = append(s.ofKey, s.make())
		s.movedOf = append(s.movedOf, span{start, len(s.pairs)})
	}
	switch stream := s.ofKey[number]; stream {
	case noStream:
		return stream, errLabels
	case noTenant:
		return stream, errBadTenant
	default:
		return stream, nil
	}
}

// make returns the stream of a key that is seen for the first time.
func (s *streams) make() int32 {
	id, err := s.plan.tenant.append(s.scratch[:0], &s.rec)
	if err != nil {
		return noTenant
	}
	tenant, isNew := s.tenants.intern(id)
	if isNew {
		s.names = append(s.names, string(id))
	}
	text, moved, err := s.plan.appendText(binary.LittleEndian.AppendUint32(id[:0], uint32(tenant)), &s.rec, s.fit)
	if err != nil {
		return noStream
	}
	s.scratch = text
	s.pairs = append(s.pairs, moved...)
	stream, isNew := s.texts.intern(text)
	if isNew {
		s.ofTenant = append(s.ofTenant, tenant)
	}
	return stream
}

// fit makes a label set fit.
func (s *streams) fit(set []labels.Label) (fitting []labels.Label, moved []byte) {
	return s.limits.fit(set, s.plan.dynamic, s.changes)
}

// moved returns the structured metadata that the labels of the last record
// left behind.
func (s *streams) moved() []byte {
	at := s.movedOf[s.last]
	return s.pairs[at.start:at.end]
}

// tenant returns the tenant of a stream, empty for none.
func (s *streams) tenant(stream int32) string { return s.names[s.ofTenant[stream]] }

// memory is how many bytes are held for texts.
func (s *streams) memory() int {
	return cap(s.text) + cap(s.key) + cap(s.scratch) + cap(s.pairs) + cap(s.keys.bytes) + cap(s.texts.bytes) + cap(s.tenants.bytes)
}

// reset forgets the chunk, and every reference to its memory.
func (s *streams) reset() {
	clear(s.rec.fields)
	s.rec.tag, s.key, s.ofKey, s.ofTenant = "", s.key[:0], s.ofKey[:0], s.ofTenant[:0]
	s.movedOf, s.pairs = s.movedOf[:0], s.pairs[:0]
	clear(s.names)
	s.names = s.names[:0]
	s.keys.reset()
	s.texts.reset()
	s.tenants.reset()
}

// isNil reports whether a looked-up value is none: not there, or nil.
func isNil(value []byte) bool {
	return value == nil || chunk.KindOf(value) == chunk.Nil
}
