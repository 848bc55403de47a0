package outloki

import (
	"errors"

	"github.com/tidegate/tidegate/common/chunk"
)

// errLabels is returned for a record whose labels cannot be written.
var errLabels = errors.New("writing labels: a value is nested too deep")

// noStream stands for the stream of such records.
const noStream = -1

// streams finds the stream of each record of a chunk.
//
// The raw msgpack of a record's label values, one after the other, is its key.
// The label set is written once for each key; keys that write the same set,
// such as the number 5 and the string "5", are one stream.
type streams struct {
	plan *plan
	tag  string

	values [][]byte
	key    []byte
	keys   interner
	// ofKey is the stream of each key.
	ofKey []int32
	// texts numbers the label sets. The number is the stream's.
	texts   interner
	scratch []byte
}

func newStreams(p *plan) streams {
	return streams{plan: p, values: make([][]byte, p.width), keys: newInterner(), texts: newInterner()}
}

// missing stands in a key for a label without a value. No msgpack value
// starts with this byte.
const missing = 0xc1

// find returns the stream of a record, or errLabels.
func (s *streams) find(ev *chunk.Event) (int32, error) {
	s.plan.fields.Lookup(ev, s.values)
	s.key = s.key[:0]
	for _, v := range s.values {
		if v == nil {
			s.key = append(s.key, missing)
		} else {
			s.key = append(s.key, v...)
		}
	}
	number, isNew := s.keys.intern(s.key)
	if isNew {
		s.ofKey = append(s.ofKey, s.make())
	}
	if s.ofKey[number] == noStream {
		return noStream, errLabels
	}
	return s.ofKey[number], nil
}

// make returns the stream of a key that is seen for the first time.
func (s *streams) make() int32 {
	text, err := s.plan.appendText(s.scratch[:0], s.tag, s.values)
	if err != nil {
		return noStream
	}
	s.scratch = text
	stream, _ := s.texts.intern(text)
	return stream
}

// reset forgets the chunk, and every reference to its memory.
func (s *streams) reset() {
	clear(s.values)
	s.tag, s.key, s.ofKey = "", s.key[:0], s.ofKey[:0]
	s.keys.reset()
	s.texts.reset()
}

// isNil reports whether a looked-up value is none: not there, or nil.
func isNil(value []byte) bool {
	return value == nil || chunk.KindOf(value) == chunk.Nil
}
