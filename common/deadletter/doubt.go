package deadletter

import (
	"errors"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// blames reports whether an error is the fault of a message. The broker gives it
// to each one of the batch.
func blames(err error) bool {
	switch codeOf(err) {
	case kafka.ErrMsgSizeTooLarge, kafka.ErrRecordListTooLarge, kafka.ErrInvalidRecord, kafka.ErrInvalidTimestamp:
		return true
	}
	return false
}

// doubt keeps a letter whose batch was refused, be it for another one or for the
// sum of their sizes. From now on it goes alone: nothing else is in flight then,
// so that its batch has no other, and what the broker says is about this letter.
func (c *carrier) doubt(e *envelope) {
	e.alone = true
	c.doubted = append(c.doubted, e)
}

// sendDoubted sends the next letter in doubt, once nothing is in flight. It
// reports whether nothing else may be sent meanwhile.
func (c *carrier) sendDoubted() (busy bool) {
	for len(c.flying) == 0 {
		c.single = len(c.doubted) > 0
		if !c.single {
			return false
		}
		e := c.doubted[0]
		c.doubted = c.doubted[1:]
		c.send(e) // where that fails at once, the letter rests, and the next one's turn comes
	}
	return c.single || len(c.doubted) > 0
}

func codeOf(err error) kafka.ErrorCode {
	var kafkaErr kafka.Error
	if errors.As(err, &kafkaErr) {
		return kafkaErr.Code()
	}
	return kafka.ErrUnknown
}
