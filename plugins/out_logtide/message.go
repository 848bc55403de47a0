package outlogtide

import (
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

// emptyMessage stands for a record that has nothing to say: the server takes no
// message without a character.
const emptyMessage = `"(empty)"`

// appendMessage appends the message as a JSON string. Of a record without one
// it is the JSON of the whole record.
func (b *batch) appendMessage(dst, body []byte) (out []byte, err error) {
	found := false
	b.fields.each(message, b.plan, func(value []byte, _ name) (bool, bool) {
		var text []byte
		if text, b.scratch, found = textOf(b.scratch, value); found {
			dst = jsontext.AppendString(dst, text)
			return true, true
		}
		switch chunk.KindOf(value) {
		case chunk.Map, chunk.Array, chunk.Ext:
			// Its JSON is a text; searching in it wants the structure too.
			found = true
			dst, err = b.appendQuoted(dst, value)
		}
		return found, false
	})
	switch {
	case found || err != nil:
		return dst, err
	case len(b.fields.pairs) == 0:
		return append(dst, emptyMessage...), nil
	default:
		return b.appendQuoted(dst, body)
	}
}

// appendQuoted appends the JSON of a value as a JSON string.
func (b *batch) appendQuoted(dst, value []byte) ([]byte, error) {
	text, err := jsontext.Append(b.scratch[:0], value)
	if err != nil {
		return dst, err
	}
	b.scratch = stripNULs(text, 0)
	return jsontext.AppendString(dst, b.scratch), nil
}
