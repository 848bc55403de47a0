package outkafka

import (
	"errors"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

// encoder turns records into messages, one at a time. It belongs to one
// goroutine at a time.
type encoder struct {
	plan   *plan
	topics *topics
	record record
	// buf holds value, key and headers of the message.
	buf     []byte
	headers []kafka.Header
	// message is the last record's. It is good until the next one.
	message kafka.Message
	topic   *topic
}

func newEncoder(p *plan) *encoder {
	return &encoder{
		plan:    p,
		topics:  newTopics(&p.topic, &p.allow, p.fallback),
		record:  record{values: make([][]byte, p.width)},
		headers: make([]kafka.Header, 0, len(p.headers)),
		message: kafka.Message{TopicPartition: kafka.TopicPartition{Partition: kafka.PartitionAny}},
	}
}

var errNoRawLog = errors.New("nothing under raw_log_key")

// encode fills in the message of a record. With an error there is none.
func (e *encoder) encode(tag string, event *chunk.Event) error {
	rec := &e.record
	rec.tag, rec.time, rec.body = tag, event.Time, event.Body
	e.plan.lookup.Lookup(event, rec.values)

	value, err := e.appendValue(e.buf[:0])
	if err != nil {
		return err
	}
	e.message.Value = value
	e.message.Key = nil
	e.message.Headers = nil
	buf := value
	if e.plan.hasKey {
		start := len(buf)
		var ok bool
		if buf, ok = e.plan.key.append(buf, rec); ok {
			e.message.Key = buf[start:len(buf):len(buf)]
		}
	}
	e.headers = e.headers[:0]
	for i := range e.plan.headers {
		h := &e.plan.headers[i]
		start := len(buf)
		var ok bool
		if buf, ok = h.value.append(buf, rec); ok {
			e.headers = append(e.headers, kafka.Header{Key: h.name, Value: buf[start:len(buf):len(buf)]})
		}
	}
	if len(e.headers) > 0 {
		e.message.Headers = e.headers
	}
	e.buf = buf

	e.topic = e.topics.find(rec)
	e.message.TopicPartition.Topic = &e.topic.name
	e.message.Timestamp = time.Unix(0, rec.time)
	return nil
}

// appendValue appends the message's value. It is never nil: that would be a
// tombstone.
func (e *encoder) appendValue(dst []byte) ([]byte, error) {
	if dst == nil {
		dst = []byte{}
	}
	if e.plan.raw != nil {
		return e.appendRaw(dst)
	}
	if len(e.plan.timePrefix) == 0 {
		return jsontext.Append(dst, e.record.body)
	}
	dst = append(dst, e.plan.timePrefix...)
	dst = time.Unix(0, e.record.time).UTC().AppendFormat(dst, timeLayout)
	dst = append(dst, '"')
	at := len(dst)
	dst, err := jsontext.AppendWithout(dst, e.record.body, e.plan.timeKey)
	if err != nil {
		return dst, err
	}
	// The record's own opening brace stands where a comma has to be, if the
	// record has more than the time.
	if len(dst) == at+len("{}") {
		return append(dst[:at], '}'), nil
	}
	dst[at] = ','
	return dst, nil
}

// timeLayout is ISO 8601 with all nine digits: texts of one length sort by
// time.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

// appendRaw appends the text under raw_log_key. An empty one is a value too; a
// null is none.
func (e *encoder) appendRaw(dst []byte) ([]byte, error) {
	value := e.record.values[e.plan.raw.field]
	if value == nil || chunk.KindOf(value) == chunk.Nil {
		return dst, errNoRawLog
	}
	return jsontext.AppendText(dst, value)
}

// maxKept is how large a buffer an encoder keeps: above any ordinary record.
const maxKept = 1 << 20

// reset drops every reference to the chunk.
func (e *encoder) reset() {
	e.record.body, e.record.tag = nil, ""
	clear(e.record.values)
	if cap(e.buf) > maxKept {
		e.buf = nil
		e.message.Value, e.message.Key, e.message.Headers = nil, nil, nil
		clear(e.headers[:cap(e.headers)])
	}
}
