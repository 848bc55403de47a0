package inkafka

import (
	"errors"
	"time"

	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/kafkatoken"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// letters are the messages that go to the dead letter topic. The offset of one
// is committed once the brokers have it there. nil without such a topic.
type letters struct {
	sink    *deadletter.Topic
	ledger  *delivery.Ledger
	headers []deadletter.Header // scratch
}

func newLetters(c *Config, h plugin.Host, l *delivery.Ledger) (*letters, error) {
	if c.OnError != onErrorDeadLetter {
		return nil, nil //nolint:nilnil // none is wanted
	}
	sink, err := deadletter.NewTopic(
		deadletter.Owner{Host: h, Prefix: prefix, Reasons: letterReasons()},
		c.DeadLetterTopic,
		deadletter.Cluster{
			Brokers: c.Brokers, ClientID: c.ClientID, Properties: c.RDKafka.For(kafkaconf.Producer),
			Tokens: func() (*kafkatoken.Refresher, error) { return c.RDKafka.Tokens(h.Log, h.Go) },
		})
	if err != nil {
		return nil, err
	}
	return &letters{sink: sink, ledger: l}, nil
}

// letterReasons are the problems that on_error has a part in.
func letterReasons() (names []string) {
	for p := noProblem + 1; p < numProblems; p++ {
		if p != noTime {
			names = append(names, p.String())
		}
	}
	return names
}

// send hands a message over. It returns false while too many wait for the
// brokers.
func (l *letters) send(m *rdkafka.Message, a *delivery.Assignment, out *outcome) bool {
	l.headers = l.headers[:0]
	for h := range m.Headers.All() {
		l.headers = append(l.headers, deadletter.Header{Name: string(h.Name), Value: h.Value})
	}
	letter := deadletter.Letter{
		Reason: out.problem.String(), Text: out.reason,
		Topic: m.Topic, Partition: m.Partition, Offset: m.Offset,
		Key: m.Key, Value: m.Value, Headers: l.headers,
	}
	if m.Timestamp >= 0 {
		letter.Time = time.UnixMilli(m.Timestamp)
	}
	offset := m.Offset
	return l.sink.Send(&letter, func() { l.ledger.DeadLettered(a, offset, time.Now()) }) == nil
}

// close gives the last letters a moment.
func (l *letters) close() (left int) {
	if l == nil {
		return 0
	}
	return l.sink.Close(time.Now().Add(closeWithin))
}

// checkLetters finds what does not go together.
func (c *Config) checkLetters() error {
	switch {
	case c.OnError != onErrorDeadLetter && c.DeadLetterTopic != "":
		return errors.New("dead_letter_topic has no use without on_error dead_letter")
	case c.OnError != onErrorDeadLetter:
		return nil
	case c.DeadLetterTopic == "":
		return errors.New("dead_letter_topic is required with on_error dead_letter")
	}
	if err := deadletter.CheckCycle(c.DeadLetterTopic, c.Topics, c.read.Exclude); err != nil {
		return err
	}
	return nil
}
