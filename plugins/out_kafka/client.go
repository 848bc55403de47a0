package outkafka

import (
	"fmt"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/kafkatoken"
	"github.com/tidegate/tidegate/common/plugin"
)

// client has the producer of the moment. It makes one when it is first needed
// and after a fatal error. It is safe for concurrent use.
type client struct {
	host   plugin.Host
	conf   kafka.ConfigMap
	tokens tokenSource
	alone  bool
	report *reporter

	mu      sync.Mutex
	session *session // nil if there is none yet, or none any more
	// ending are the ends of sessions that met a fatal error.
	ending []<-chan struct{}
}

// acquire returns the session to produce with. Release it by users.Done.
func (c *client) acquire() (*session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == nil {
		tokens, err := c.tokens()
		if err != nil {
			return nil, err
		}
		producer, err := kafka.NewProducer(&c.conf)
		if err != nil {
			return nil, fmt.Errorf("making a Kafka producer: %w", err)
		}
		c.session = c.start(producer, tokens)
	}
	c.session.users.Add(1)
	return c.session, nil
}

// start reads the producer's channels, which it closes when it is closed.
func (c *client) start(producer *kafka.Producer, tokens *kafkatoken.Refresher) *session {
	s := &session{producer: producer, tokens: tokens, alone: c.alone, closed: make(chan struct{})}
	s.progress.producer = producer
	events := c.host.Go("kafka events", func() {
		for event := range producer.Events() {
			switch event := event.(type) {
			case kafka.Error:
				c.handle(s, event)
			case kafka.OAuthBearerTokenRefresh:
				tokens.Refresh(producer)
			}
		}
	})
	clientLog := c.host.Go("kafka client log", func() { kafkaconf.LogClient(c.host.Log, producer.Logs(), s.closed) })
	s.loops = []<-chan struct{}{events, clientLog}
	return s
}

// handle takes an error that is not about one message.
func (c *client) handle(s *session, err kafka.Error) {
	c.report.trouble(time.Now(), err)
	if err.IsFatal() {
		c.retire(s)
	}
}

// retire ends a session that met a fatal error. Its messages are reported as
// failed; the next flush makes a new session.
func (c *client) retire(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != s {
		return // already, or the client is closed
	}
	c.session = nil
	// Beside the loop that calls this: the end needs that loop.
	c.ending = append(c.ending, c.host.Go("kafka producer's end", func() { s.end(time.Now().Add(retireWithin)) }))
}

// retireWithin is how long messages in flight may take for their report after
// a fatal error. Those without one are sent again.
const retireWithin = 5 * time.Second

// close ends everything by the deadline, and returns the number of messages
// without a report.
func (c *client) close(deadline time.Time) (left int) {
	c.mu.Lock()
	s, ending := c.session, c.ending
	c.session, c.ending = nil, nil
	c.mu.Unlock()
	if s != nil {
		left = s.end(deadline)
	}
	for _, ended := range ending {
		<-ended
	}
	return left
}
