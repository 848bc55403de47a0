package deadletter

import (
	"bytes"
	"slices"
	"time"
)

// Letter is a record or message that was refused, and why.
type Letter struct {
	// Reason is one of the plugin's list: the value of a label in metrics.
	Reason string
	// Text is what the decoder or the server said of it.
	Text string

	// Topic, Partition and Offset are where it was read. Without a Topic, the
	// other two mean nothing; an Offset below 0 is not known.
	Topic     string
	Partition int32
	Offset    int64
	// Tag and Labels are those that the record had in the agent and in Loki.
	Tag, Labels string
	// Time is the record's own, zero if it has none.
	Time time.Time

	// Key and Value are bytes of any kind, nil for null.
	Key, Value []byte
	// Headers are in their order, with repeats.
	Headers []Header
}

// Header is one of a message's headers. A nil Value is null.
type Header struct {
	Name  string
	Value []byte
}

// overhead is a generous guess at what a letter takes beside its own bytes.
const overhead = 512

// size is the number of bytes to count for a letter.
func (l *Letter) size() int {
	n := overhead + len(l.Text) + len(l.Labels) + len(l.Key) + len(l.Value)
	for i := range l.Headers {
		n += len(l.Headers[i].Name) + len(l.Headers[i].Value)
	}
	return n
}

// clone copies all bytes, and no strings.
func (l *Letter) clone() Letter {
	c := *l
	c.Key, c.Value = bytes.Clone(l.Key), bytes.Clone(l.Value)
	c.Headers = slices.Clone(l.Headers)
	for i := range c.Headers {
		c.Headers[i].Value = bytes.Clone(c.Headers[i].Value)
	}
	return c
}
