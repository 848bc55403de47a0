package inkafka

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/kafkatoken"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// closeWithin is how long an exit waits for the last commit. It comes on top
// of the agent's grace, which is over by then.
const closeWithin = 1500 * time.Millisecond

// client is a consumer's life: one that met a fatal error takes part in the
// group no more, and another takes its place.
type client struct {
	host     plugin.Host
	consumer *kafka.Consumer
	queue    *rdkafka.Reader
	dropped  atomic.Bool           // what the group says of it from now on is for nobody
	tokens   *kafkatoken.Refresher // nil where the consumer needs none
	stop     chan struct{}         // ends what runs beside the reader and uses the consumer
	loops    []<-chan struct{}     // their ends
}

// open makes a consumer that is in no group yet.
func (c *Config) open(h plugin.Host) (*client, error) {
	tokens, err := c.RDKafka.Tokens(h.Log, h.Go)
	if err != nil {
		return nil, err
	}
	consumer, err := kafka.NewConsumer(c.clientConfig())
	if err != nil {
		return nil, fmt.Errorf("making a Kafka consumer: %w", err)
	}
	queue, err := rdkafka.NewReader(consumer)
	if err != nil {
		_ = consumer.Close()
		return nil, err
	}
	cl := &client{host: h, consumer: consumer, queue: queue, tokens: tokens, stop: make(chan struct{})}
	cl.beside("kafka client log", func() { kafkaconf.LogClient(h.Log, consumer.Logs(), cl.stop) })
	return cl, nil
}

// beside starts what ends with the client.
func (cl *client) beside(name string, f func()) { cl.loops = append(cl.loops, cl.host.Go(name, f)) }

// close commits what is stored and leaves the group. That needs a broker; where
// none answers, the client gives up after the session's timeout, 45 seconds by
// default. Nobody waits for that: it goes on beside the host's exit.
func (cl *client) close() {
	select {
	case <-cl.drop():
	case <-time.After(closeWithin):
		cl.host.Log.Warn("no broker answers at the end; what was not committed is read again after the next start")
	}
}

// drop ends the client, and returns what tells when it has: one that the group
// has fenced does not come back for minutes (run).
func (cl *client) drop() (ended <-chan struct{}) {
	cl.dropped.Store(true)
	close(cl.stop)
	for _, ended := range cl.loops {
		<-ended
	}
	cl.tokens.Close()
	cl.queue.Close()
	return cl.host.Go("kafka consumer's end", func() {
		if err := cl.consumer.Close(); err != nil {
			cl.host.Log.Warn("closing the Kafka consumer", "err", err)
		}
	})
}
