package inkafka

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/rdkafka"
	"github.com/tidegate/tidegate/common/schema"
)

// clipAt is how much of a value over max_message_bytes becomes a record's
// text. Loki takes lines of 256 KiB by default.
const clipAt = 64 << 10

// maxReason bounds what an error says of a value.
const maxReason = 200

// encoder turns messages into events, [[time, metadata], record]: see
// appendMetadata and layout. It is for one goroutine.
type encoder struct {
	payload payload
	layout  layout
	place   place
	field   fieldTime

	fromNow        bool
	keepTombstones bool
	onError        string
	maxBytes       int

	now func() time.Time

	head []byte // scratch: what a record starts with

	// Of the message that is being encoded: Kafka's time of it, or now, and the
	// one in its payload, or why there is none.
	received, own moment
	ownMissing    string
}

// newEncoder makes an encoder of a configuration that has been validated.
// decoder is for the formats of a schema registry, nil for the others.
func newEncoder(c *Config, decoder valueDecoder) (*encoder, error) {
	p, err := newPayload(c.Format, decoder)
	if err != nil {
		return nil, err
	}
	field, err := newFieldTime(&c.recordConfig)
	if err != nil {
		return nil, err
	}
	return &encoder{
		payload:        p,
		layout:         newLayout(&c.recordConfig),
		place:          place{source: source(c.Brokers, c.GroupID)},
		field:          field,
		fromNow:        c.TimestampFrom == timeOfNow,
		keepTombstones: c.Tombstones == tombstonesKeep,
		onError:        c.OnError,
		maxBytes:       int(c.MaxMessageBytes),
		now:            time.Now,
	}, nil
}

// append appends the event of a message, or nothing: outcome says what became
// of it.
func (e *encoder) append(dst []byte, m *rdkafka.Message, assignment uint32) ([]byte, outcome) {
	p := e.payload
	if m.Value == nil {
		if !e.keepTombstones {
			return dst, outcome{verdict: skipped}
		}
		p = nullPayload{}
	}
	e.place.moveTo(m, assignment)
	e.received = e.receivedAt(m)
	h := readHeaders(m.Headers)
	if len(m.Value) > e.maxBytes {
		return e.refuse(dst, m, &h, tooLarge, errLarge(len(m.Value), e.maxBytes))
	}
	before := dst // what comes back with an error, whatever a decoder made of dst
	dst = chunk.AppendEventHeader(dst, e.received.seconds, e.received.nanos)
	dst = e.appendMetadata(dst, m, &h, noProblem, "")
	dst, problem, err := e.appendRecord(dst, m, p, m.Value)
	switch {
	case err != nil && errors.Is(err, schema.ErrUnavailable):
		return before, outcome{verdict: unavailable, reason: err.Error()}
	case err != nil:
		return e.refuse(before, m, &h, problem, err)
	case e.field.key == nil || m.Value == nil:
		return dst, outcome{time: e.received.millis()}
	case e.ownMissing != "":
		return dst, outcome{problem: noTime, reason: e.ownMissing, time: e.received.millis()}
	}
	chunk.AppendEventHeader(dst[:len(before)], e.own.seconds, e.own.nanos) // over the one that is there
	return dst, outcome{time: e.own.millis()}
}

// appendPayload appends the payload, and finds the time in it.
func (e *encoder) appendPayload(dst []byte, m *rdkafka.Message, p payload, value []byte) ([]byte, problem, error) {
	at := len(dst)
	dst, problem, err := p.append(dst, m.Topic, value)
	if err == nil && e.field.key != nil {
		e.own, e.ownMissing = e.field.read(dst[at:], e.received)
	}
	return dst, problem, err
}

// receivedAt is Kafka's time of a message, or now.
func (e *encoder) receivedAt(m *rdkafka.Message) moment {
	if e.fromNow || m.Timestamp < 0 {
		now, _ := momentOf(e.now())
		return now
	}
	return momentOfMillis(m.Timestamp)
}

// refuse does with a message what on_error says.
func (e *encoder) refuse(dst []byte, m *rdkafka.Message, h *headerFacts, p problem, err error) ([]byte, outcome) {
	out := outcome{problem: p, reason: clip(err.Error(), maxReason)}
	switch e.onError {
	case onErrorDrop:
		out.verdict = skipped
		return dst, out
	case onErrorDeadLetter:
		out.verdict = deadLetter
		return dst, out
	}
	value := m.Value
	if p == tooLarge {
		value = clip(value, clipAt)
	}
	dst = chunk.AppendEventHeader(dst, e.received.seconds, e.received.nanos)
	dst = e.appendMetadata(dst, m, h, p, out.reason)
	dst, _, _ = e.appendRecord(dst, m, textPayload{}, value) // any bytes are text
	out.time = e.received.millis()
	return dst, out
}

func errLarge(length, limit int) error {
	return fmt.Errorf("%d bytes are over max_message_bytes, %s", length, options.FormatSize(int64(limit)))
}

// clip returns the first n bytes of text, or less where that would cut a
// character.
func clip[T string | []byte](text T, n int) T {
	if len(text) <= n {
		return text
	}
	for back := range utf8.UTFMax {
		if utf8.RuneStart(text[n-back]) {
			return text[:n-back]
		}
	}
	return text[:n]
}
