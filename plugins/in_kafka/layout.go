package inkafka

import (
	"math/bits"
	"slices"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// messageKey is where a payload stands that is not an object of its own.
const messageKey = "message"

// fluentBitKeys are the members of a record of Fluent Bit's own input kafka,
// in its order.
var fluentBitKeys = []string{"topic", "partition", "offset", "error", "key", "payload"}

// layout is what a record looks like. It has, in this order,
//
//	the origin, with origin_in record
//	the payload: its members, or the payload under payloadKey, or the members
//	of layout fluentbit
//	what include names
type layout struct {
	originInRecord bool
	fluentBit      bool
	payloadKey     string // empty: at the top level
	include        inclusion
}

func newLayout(c *recordConfig) layout {
	l := layout{
		originInRecord: c.OriginIn == originInRecord,
		fluentBit:      c.Layout == layoutFluentBit,
		payloadKey:     c.PayloadKey,
		include:        newInclusion(c),
	}
	if l.fluentBit {
		l.payloadKey = fluentBitKeys[len(fluentBitKeys)-1]
	}
	return l
}

// appendRecord appends the record of a message, whose payload is value as p
// reads it. After a problem dst has no meaning.
func (e *encoder) appendRecord(dst []byte, m *rdkafka.Message, p payload, value []byte) ([]byte, problem, error) {
	l := &e.layout
	if l.payloadKey == "" {
		return e.appendAtTop(dst, m, p, value)
	}
	own := 1
	if l.fluentBit {
		own = len(fluentBitKeys)
	}
	dst = chunk.AppendMapHeader(dst, l.size(own))
	if l.originInRecord {
		dst = e.place.appendMember(dst, m.Offset)
	}
	if l.fluentBit {
		dst = appendFluentBit(dst, m)
	}
	dst, problem, err := e.appendPayload(chunk.AppendString(dst, l.payloadKey), m, p, value)
	if err != nil {
		return dst, problem, err
	}
	return l.include.append(dst, m, 0), noProblem, nil
}

// size is the number of members of a record that has n by itself.
func (l *layout) size(n int) int {
	if l.originInRecord {
		n++
	}
	return n + len(l.include.list)
}

// appendAtTop appends a payload that is the record, and what is added to it.
func (e *encoder) appendAtTop(dst []byte, m *rdkafka.Message, p payload, value []byte) ([]byte, problem, error) {
	at := len(dst)
	dst, problem, err := e.appendPayload(dst, m, p, value)
	if err != nil {
		return dst, problem, err
	}
	l := &e.layout
	object := chunk.KindOf(dst[at:]) == chunk.Map
	if object && l.size(0) == 0 {
		return dst, noProblem, nil
	}
	if !object {
		e.head = e.appendHead(e.head[:0], m, l.size(1))
		e.head = chunk.AppendString(e.head, messageKey)
		dst = slices.Insert(dst, at, e.head...)
		return l.include.append(dst, m, 0), noProblem, nil
	}
	n, pairs, err := chunk.ReadMapHeader(dst[at:])
	if err != nil {
		return dst, notMsgpack, err
	}
	header := len(dst) - at - len(pairs)
	taken := l.include.in(pairs, n)
	dst = l.include.append(dst, m, taken)
	e.head = e.appendHead(e.head[:0], m, l.size(n)-bits.OnesCount8(uint8(taken)))
	return slices.Replace(dst, at, at+header, e.head...), noProblem, nil
}

// appendHead appends what a record of n members starts with.
func (e *encoder) appendHead(dst []byte, m *rdkafka.Message, n int) []byte {
	dst = chunk.AppendMapHeader(dst, n)
	if e.layout.originInRecord {
		dst = e.place.appendMember(dst, m.Offset)
	}
	return dst
}

// appendFluentBit appends what stands before the payload in the built-in
// input's records. It has text for any key, and error is for a consumer's
// errors, which are no records here.
func appendFluentBit(dst []byte, m *rdkafka.Message) []byte {
	dst = chunk.AppendString(chunk.AppendString(dst, "topic"), m.Topic)
	dst = chunk.AppendInt(chunk.AppendString(dst, "partition"), int64(m.Partition))
	dst = chunk.AppendInt(chunk.AppendString(dst, "offset"), m.Offset)
	dst = chunk.AppendNil(chunk.AppendString(dst, "error"))
	dst = chunk.AppendString(dst, "key")
	if m.Key == nil {
		return chunk.AppendNil(dst)
	}
	return chunk.AppendString(dst, m.Key)
}
