package outlogtide

import (
	"bytes"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

// maxCompared bounds the price of looking for members of two names: records
// beyond it, which no logger writes, keep their metadata as it came.
const maxCompared = 1 << 16

// appendMetadata appends what the other members do not have.
//
// The members of an object that is called metadata, as the producers of
// LogTide's guide write it, go to the top, beside the record's other fields:
// there the server's search expects them. Where one has the name of such a
// field, the field keeps the name, because it stands higher in the record, and
// the member stays below `metadata`, so that neither hides the other.
func (b *batch) appendMetadata(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, `,"metadata":{`...)
	empty := len(dst)
	var err error
	nested := b.nested()
	for i := range b.fields.pairs {
		one := &b.fields.pairs[i]
		if one.sent || one == nested {
			continue
		}
		if dst, err = b.appendPair(dst, one); err != nil {
			return dst, err
		}
	}
	if nested != nil {
		if dst, err = b.appendMembers(dst, nested.value); err != nil {
			return dst, err
		}
	}
	if len(dst) == empty {
		return dst[:start], nil
	}
	dst[len(dst)-1] = '}' // over the last comma
	return dst, nil
}

// nested returns the object whose members go to the top, or nil.
func (b *batch) nested() *pair {
	at := b.fields.named[nameMetadata]
	if at == 0 {
		return nil
	}
	one := &b.fields.pairs[at-1]
	n, _, err := chunk.ReadMapHeader(one.value)
	if err != nil || one.sent || n*len(b.fields.pairs) > maxCompared {
		return nil
	}
	return one
}

// appendMembers appends the members of an object, with a comma behind each:
// first those that can stand at the top, then the others under `metadata`.
func (b *batch) appendMembers(dst, object []byte) ([]byte, error) {
	var err error
	taken := 0
	walk := func(want bool) error {
		n, rest, err := chunk.ReadMapHeader(object)
		for range n {
			var one pair
			raw := rest
			if one.key, rest, err = chunk.ReadKeyZC(rest); err != nil {
				return err
			}
			one.rawKey = raw[:len(raw)-len(rest)]
			if one.value, rest, err = chunk.ReadValueZC(rest); err != nil {
				return err
			}
			if b.isTaken(one.key) != want {
				taken++
				continue
			}
			if dst, err = b.appendPair(dst, &one); err != nil {
				return err
			}
		}
		return err
	}
	if err = walk(false); err != nil || taken == 0 {
		return dst, err
	}
	dst = append(dst, `"metadata":{`...)
	if err = walk(true); err != nil {
		return dst, err
	}
	dst[len(dst)-1] = '}'
	return append(dst, ','), nil
}

// isTaken reports whether a field of the record has that name in the metadata.
// The name metadata is kept for what finds no place at the top.
func (b *batch) isTaken(key []byte) bool {
	if key == nil {
		return false
	}
	if nameOf(key) == nameMetadata {
		return true
	}
	for i := range b.fields.pairs {
		if one := &b.fields.pairs[i]; !one.sent && bytes.Equal(one.key, key) {
			return true
		}
	}
	return false
}

// appendPair appends a key, a colon, a value and a comma.
func (b *batch) appendPair(dst []byte, one *pair) ([]byte, error) {
	var err error
	if one.key != nil {
		dst = jsontext.AppendString(dst, one.key)
	} else if dst, err = b.appendQuoted(dst, one.rawKey); err != nil {
		return dst, err
	}
	dst = append(dst, ':')
	if chunk.KindOf(one.value) == chunk.Bin {
		dst, err = appendBin(dst, nameOf(one.key), one.value)
	} else {
		dst, err = jsontext.Append(dst, one.value)
	}
	if err != nil {
		return dst, err
	}
	return append(dst, ','), nil
}

// appendBin appends a bin value, which is text unless it is an id that found
// no place in a member of the log.
func appendBin(dst []byte, is name, value []byte) ([]byte, error) {
	length := traceIDLength
	switch is {
	case nameTraceID:
	case nameSpanID:
		length = spanIDLength
	default:
		return jsontext.Append(dst, value)
	}
	id, _, err := chunk.ReadBinZC(value)
	if err != nil {
		return dst, err
	}
	return append(appendID(append(dst, '"'), id, length), '"'), nil
}
