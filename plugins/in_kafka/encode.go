package inkafka

import (
	"hash/fnv"
	"math"
	"time"
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsonpack"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// messageKey is where text stands that is not an object of its own.
const messageKey = "message"

// encoder turns messages into events. It is for one goroutine.
//
//	[[time, {"kafka": {
//	    "topic": "logs", "partition": 3, "offset": 42,
//	    "origin": [source, assignment],
//	    "key": "…",                        where there is one
//	    "headers": [["name", "value"], …], where there are any
//	    "error": "…"                       where the value is not what format says
//	}}], {…}]
//
// The time is Kafka's timestamp. Text that is not UTF-8 is binary in the
// metadata and as it is in the record.
type encoder struct {
	json   *jsonpack.Transcoder // nil for raw
	source uint64
	now    func() time.Time
}

func newEncoder(c *Config) *encoder {
	e := &encoder{source: source(c.Brokers, c.GroupID), now: time.Now}
	if c.Format == formatJSON {
		e.json = jsonpack.New()
	}
	return e
}

// source identifies a group on a cluster, so that a record's origin is taken
// for nobody else's.
func source(brokers []string, group string) uint64 {
	h := fnv.New64a()
	for _, b := range brokers {
		h.Write([]byte(b))
		h.Write([]byte{0})
	}
	h.Write([]byte(group))
	return h.Sum64()
}

// append appends the event of a message. A tombstone has none. It returns
// whether the value was what format says.
func (e *encoder) append(dst []byte, m *rdkafka.Message, assignment uint32) (_ []byte, sound bool) {
	if m.Value == nil {
		return dst, true
	}
	start := len(dst)
	dst = e.appendHeader(dst, m)
	dst = e.appendMetadata(dst, m, assignment, "")
	if e.json == nil {
		return appendText(dst, m.Value), true
	}
	record := len(dst)
	dst, kind, err := e.json.Append(dst, m.Value)
	switch {
	case err != nil:
		dst = e.appendHeader(dst[:start], m)
		dst = e.appendMetadata(dst, m, assignment, "parsing JSON: "+err.Error())
		return appendText(dst, m.Value), false
	case kind == jsonpack.Object:
		return dst, true
	default:
		// Some other value: put it under a key after all.
		dst = chunk.AppendString(chunk.AppendMapHeader(dst[:record], 1), messageKey)
		dst, _, _ = e.json.Append(dst, m.Value)
		return dst, true
	}
}

func (e *encoder) appendHeader(dst []byte, m *rdkafka.Message) []byte {
	if m.Timestamp < 0 {
		now := e.now()
		return chunk.AppendEventHeader(dst, uint32(now.Unix()), uint32(now.Nanosecond()))
	}
	return chunk.AppendEventHeader(dst, uint32(min(m.Timestamp/1000, math.MaxUint32)), uint32(m.Timestamp%1000)*1e6)
}

func (e *encoder) appendMetadata(dst []byte, m *rdkafka.Message, assignment uint32, problem string) []byte {
	members := 4
	headers := m.Headers.Count()
	for _, there := range []bool{m.Key != nil, headers > 0, problem != ""} {
		if there {
			members++
		}
	}
	dst = chunk.AppendString(chunk.AppendMapHeader(dst, 1), "kafka")
	dst = chunk.AppendMapHeader(dst, members)
	dst = chunk.AppendString(chunk.AppendString(dst, "topic"), m.Topic)
	dst = chunk.AppendInt(chunk.AppendString(dst, "partition"), int64(m.Partition))
	dst = chunk.AppendInt(chunk.AppendString(dst, "offset"), m.Offset)
	dst = chunk.AppendArrayHeader(chunk.AppendString(dst, "origin"), 2)
	dst = chunk.AppendUint(dst, e.source)
	dst = chunk.AppendUint(dst, uint64(assignment))
	if m.Key != nil {
		dst = appendBytes(chunk.AppendString(dst, "key"), m.Key)
	}
	if headers > 0 {
		dst = chunk.AppendArrayHeader(chunk.AppendString(dst, "headers"), headers)
		for h := range m.Headers.All() {
			dst = appendBytes(chunk.AppendArrayHeader(dst, 2), h.Name)
			dst = appendBytes(dst, h.Value)
		}
	}
	if problem != "" {
		dst = chunk.AppendString(chunk.AppendString(dst, "error"), problem)
	}
	return dst
}

// appendText appends the record of a value that is only text.
func appendText(dst, value []byte) []byte {
	dst = chunk.AppendString(chunk.AppendMapHeader(dst, 1), messageKey)
	return chunk.AppendString(dst, value)
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
