package outkafka

import (
	"errors"
	"iter"

	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
)

// newOffice makes what dead letters need. They have a client of their own, with
// the output's brokers and login unless there are other brokers.
func (c *Config) newOffice(host plugin.Host, tokens tokenSource) (*office.Office[reason], error) {
	return office.From(&c.letters, host, prefix, numReasons, deadletter.Cluster{
		Brokers: c.brokers, ClientID: c.clientID, Properties: c.letterProperties(), Tokens: tokens,
	}, c.flushTimeout)
}

// letterProperties are the output's own but for its limit of a message: a record
// that is rejected for being above it would be cut for its letter too.
func (c *Config) letterProperties() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for name, value := range c.rdkafka.For(kafkaconf.Producer) {
			if name != "message.max.bytes" && !yield(name, value) {
				return
			}
		}
	}
}

// checkLetters finds what does not go together.
func (c *Config) checkLetters() error {
	write := append([]string{c.topic.text}, c.topicAllow.elements()...)
	if c.topic.dynamic() {
		write[0] = c.topicDefault
	}
	return errors.Join(c.letters.Validate(), c.letters.CheckWritten(write))
}

// reject gives up record i. It is settled once its letter is safe.
func (d *sending) reject(i int, why reason, ex reasons.Example) {
	d.flight.states[i] = rejected
	if why == malformed {
		d.settled.rejected.Add(why, 1, ex) // there is no record to write a letter of
		return
	}
	d.rejects = append(d.rejects, office.Rejected[reason]{Record: i, Why: why, Example: ex})
}
