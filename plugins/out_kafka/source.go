package outkafka

import (
	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

// source is where a text comes from: it is fixed, or stands in the record or
// the tag.
type source struct {
	fixed string
	// bytes takes a binary value as it is, for keys and headers, which are
	// bytes to Kafka. As text, two of them could become the same.
	bytes bool
	// path is nil for a fixed text.
	path *accessor.Accessor
	// field is the place of a path into the record among the plan's fields.
	field int
}

// record is what a message is made from.
type record struct {
	tag    string
	time   int64 // in Unix nanoseconds
	body   []byte
	values [][]byte // of the plan's fields, raw msgpack or nil
}

// append appends the text. A value that is missing, null or empty has none.
func (s *source) append(dst []byte, rec *record) (out []byte, ok bool) {
	start := len(dst)
	switch {
	case s.path == nil:
		return append(dst, s.fixed...), true
	case !s.path.InEvent():
		text, _ := s.path.LookupTag(rec.tag)
		dst = append(dst, text...)
	default:
		value := rec.values[s.field]
		if value == nil || chunk.KindOf(value) == chunk.Nil {
			return dst, false
		}
		var err error
		if s.bytes && chunk.KindOf(value) == chunk.Bin {
			var data []byte
			data, _, err = chunk.ReadBinZC(value)
			dst = append(dst, data...)
		} else {
			dst, err = jsontext.AppendText(dst, value)
		}
		if err != nil {
			return dst[:start], false // nested too deep to be a text, or cut off
		}
	}
	return dst, len(dst) > start
}

// fields are the paths into the record, which are looked up together.
type fields struct {
	paths []*accessor.Accessor
}

// bind gives a source its place.
func (f *fields) bind(s *source) {
	if s.path != nil && s.path.InEvent() {
		s.field = len(f.paths)
		f.paths = append(f.paths, s.path)
	}
}

// pathEnd returns where the path at the front of text ends: behind a key and
// its brackets. Whether it is a good path is for accessor.Compile to say.
func pathEnd(text string) int {
	at := 1 // $
	for at < len(text) && isKeyByte(text[at]) {
		at++
	}
	for at < len(text) && text[at] == '[' {
		at = bracketEnd(text, at)
	}
	return at
}

func isKeyByte(c byte) bool {
	return c == '_' || c == '-' || c == '/' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// bracketEnd returns where the bracket at text[at] is closed, outside of
// quotes, or the end of text.
func bracketEnd(text string, at int) int {
	var quote byte
	for ; at < len(text); at++ {
		switch c := text[at]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == ']':
			return at + 1
		}
	}
	return at
}
