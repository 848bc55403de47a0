package outlogtide

import (
	"github.com/tidegate/tidegate/common/jsontext"
)

// appendTraceID appends the trace id, where the record has one.
func (b *batch) appendTraceID(dst []byte) []byte {
	b.fields.each(traceID, b.plan, func(value []byte, _ name) (found, whole bool) {
		var text []byte
		if text, b.scratch, found = idText(b.scratch, value, traceIDLength); found {
			dst = append(dst, `,"trace_id":`...)
			dst = jsontext.AppendString(dst, text)
		}
		return found, true
	})
	return dst
}

// appendSpanID appends the span id, where the record has one that the server
// would take. Any other stays in the metadata.
func (b *batch) appendSpanID(dst []byte) []byte {
	b.fields.each(spanID, b.plan, func(value []byte, _ name) (found, whole bool) {
		var text []byte
		if text, b.scratch, found = idText(b.scratch, value, spanIDLength); !found {
			return false, false
		}
		if text = trim(text); !isHex(text, spanIDLength) {
			return false, false
		}
		dst = append(dst, `,"span_id":"`...)
		for _, c := range text {
			if c >= 'A' && c <= 'F' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
		}
		dst = append(dst, '"')
		return true, true
	})
	return dst
}
