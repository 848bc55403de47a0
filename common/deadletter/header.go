package deadletter

import (
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/reasons"
)

// Headers that a letter in a topic has, behind the message's own. Numbers are
// decimal text. One without a value is left out. A message that was a letter
// before has them twice, and the last ones count.
const (
	headerReason    = "tidegate.reason"
	headerError     = "tidegate.error"
	headerInstance  = "tidegate.instance"
	headerTag       = "tidegate.tag"
	headerLabels    = "tidegate.labels"
	headerTopic     = "tidegate.topic"
	headerPartition = "tidegate.partition"
	headerOffset    = "tidegate.offset"
	headerTime      = "tidegate.time" // the record's own, RFC 3339 in UTC
	// How many bytes the value had, if it was cut, and the key, if it was left
	// out; how many headers of the message were left out.
	headerCutValue   = "tidegate.cut.value"
	headerCutKey     = "tidegate.cut.key"
	headerCutHeaders = "tidegate.cut.headers"
)

// header returns the message's headers: the original's first, unchanged.
func (e *envelope) header(instance string) []kafka.Header {
	list := make([]kafka.Header, 0, len(e.letter.Headers)+12)
	for _, h := range e.letter.Headers {
		list = append(list, kafka.Header{Key: h.Name, Value: h.Value})
	}
	add := func(name, value string) {
		if value != "" {
			list = append(list, kafka.Header{Key: name, Value: []byte(value)})
		}
	}
	l := &e.letter
	add(headerReason, l.Reason)
	add(headerError, reasons.Clip(l.Text))
	add(headerInstance, instance)
	add(headerTag, l.Tag)
	add(headerLabels, l.Labels)
	if l.Topic != "" {
		add(headerTopic, l.Topic)
		add(headerPartition, strconv.Itoa(int(l.Partition)))
		if l.Offset >= 0 {
			add(headerOffset, strconv.FormatInt(l.Offset, 10))
		}
	}
	if !l.Time.IsZero() {
		add(headerTime, l.Time.UTC().Format(time.RFC3339Nano))
	}
	add(headerCutValue, number(e.cut.value))
	add(headerCutKey, number(e.cut.key))
	add(headerCutHeaders, number(e.cut.headers))
	return list
}

// number is empty for none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
