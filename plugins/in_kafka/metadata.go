package inkafka

import (
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// appendMetadata appends the metadata of an event:
//
//	{"kafka": {
//	    "topic": "logs", "partition": 3, "offset": 42,
//	    "origin": [source, assignment],
//	    "key": "…",                        where there is one
//	    "headers": [["name", "value"], …], where there are any
//	    "reason": "json", "error": "…"     where the value is not what format says
//	 },
//	 "trace_id": "…", "span_id": "…"}      where there is a traceparent
//
// Text that is not UTF-8 is binary.
func (e *encoder) appendMetadata(dst []byte, m *rdkafka.Message, h *headerFacts, p problem, reason string) []byte {
	pairs, inner := 1, originPairs
	if h.trace != nil {
		pairs = 3
	}
	if m.Key != nil {
		inner++
	}
	if h.count > 0 {
		inner++
	}
	if p != noProblem {
		inner += 2
	}
	dst = e.place.appendMetadata(dst, m.Offset, pairs, inner)
	if m.Key != nil {
		dst = appendBytes(chunk.AppendString(dst, "key"), m.Key)
	}
	if h.count > 0 {
		dst = appendHeaders(chunk.AppendString(dst, "headers"), m.Headers, h.count)
	}
	if p != noProblem {
		dst = chunk.AppendString(chunk.AppendString(dst, "reason"), p.String())
		dst = chunk.AppendString(chunk.AppendString(dst, "error"), reason)
	}
	if h.trace != nil {
		dst = chunk.AppendString(chunk.AppendString(dst, "trace_id"), h.trace)
		dst = chunk.AppendString(chunk.AppendString(dst, "span_id"), h.span)
	}
	return dst
}

// appendHeaders appends the headers as a list of [name, value]: the order and
// the repeats are Kafka's.
func appendHeaders(dst []byte, headers rdkafka.Headers, count int) []byte {
	dst = chunk.AppendArrayHeader(dst, count)
	for h := range headers.All() {
		dst = appendBytes(chunk.AppendArrayHeader(dst, 2), h.Name)
		dst = appendBytes(dst, h.Value)
	}
	return dst
}

// appendBytes appends text as text, other bytes as binary and null as nil.
func appendBytes(dst, b []byte) []byte {
	switch {
	case b == nil:
		return chunk.AppendNil(dst)
	case utf8.Valid(b):
		return chunk.AppendString(dst, b)
	default:
		return chunk.AppendBinary(dst, b)
	}
}
