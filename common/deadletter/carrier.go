package deadletter

import (
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// carrier is a Topic's goroutine. It owns the producer and every letter under
// way: in flight, with a report to come, or resting until it is tried again.
type carrier struct {
	topic    *Topic
	name     string
	instance string
	report   *report
	dial     func() (client, error)

	client client // nil after a fatal error, until the next one is made
	// reports has room for one of each letter in flight, so that the client
	// never waits for this goroutine.
	reports chan kafka.Event
	events  chan kafka.Event
	flying  map[*envelope]struct{}
	resting []*envelope
	again   *time.Timer
	// doubted letters go one at a time, see doubt.
	doubted []*envelope
	single  bool // one of them is in flight

	// breaks are fatal errors since the last letter that arrived. No client is
	// made before pause is over.
	breaks int
	pause  time.Time
}

func (c *carrier) connect(to client) {
	c.client, c.events = to, to.Events()
	c.reports = make(chan kafka.Event, maxLetters)
}

// run ends when the Topic is closed and no letter is left, or its time is over.
func (c *carrier) run() {
	c.again = time.NewTimer(lastWait)
	defer c.again.Stop()
	var over <-chan time.Time // nil until the Topic is closed
	for over == nil || c.topic.left() > 0 {
		inbox, again := c.topic.inbox, c.again.C
		if c.sendDoubted() {
			inbox, again = nil, nil
		}
		select {
		case e := <-inbox:
			c.send(e)
		case ev := <-c.reports:
			c.take(ev)
		case ev := <-c.events:
			c.handle(ev)
		case now := <-again:
			c.sendAgain(now)
		case deadline := <-c.topic.last:
			over = time.After(time.Until(deadline))
			c.hurry()
		case <-over:
			c.hangUp()
			return
		}
	}
	c.hangUp()
}

// send hands a letter to the client.
func (c *carrier) send(e *envelope) {
	now := time.Now()
	if c.client == nil && !c.redial(now) {
		c.rest(e, now)
		return
	}
	c.flying[e] = struct{}{}
	err := c.client.Produce(e.message(&c.name, c.instance, now), c.reports)
	if err != nil {
		c.fail(e, err, true)
	}
}

// take takes a delivery report.
func (c *carrier) take(ev kafka.Event) {
	m, ok := ev.(*kafka.Message)
	if !ok {
		return // nothing else comes this way
	}
	e := m.Opaque.(*envelope)
	if err := m.TopicPartition.Error; err != nil {
		c.fail(e, err, e.alone || len(e.letter.Value) > batchSize)
		return
	}
	c.breaks = 0
	delete(c.flying, e)
	c.topic.settle(e)
}

// fail takes a letter back that the client or the broker did not take. own tells
// that the error is about no other letter.
func (c *carrier) fail(e *envelope, err error, own bool) {
	delete(c.flying, e)
	if !own && blames(err) {
		c.doubt(e)
		return
	}
	now := time.Now()
	if codeOf(err) == kafka.ErrMsgSizeTooLarge && e.shrink() {
		c.report.shrunk(now, e)
		c.restUntil(e, now) // which is now, but after what else there is to do
		return
	}
	c.report.failed(now, err)
	c.rest(e, now)
	if codeOf(err) == kafka.ErrFatal {
		c.breakOff()
	}
}

// handle takes what the client says that is not about one letter.
func (c *carrier) handle(ev kafka.Event) {
	switch ev := ev.(type) {
	case kafka.OAuthBearerTokenRefresh:
		c.client.Refresh()
	case kafka.Error:
		c.report.trouble(time.Now(), ev)
		if ev.IsFatal() {
			c.breakOff()
		}
	}
}

// breakOff ends a client that met a fatal error. What it had under way is sent
// again by the next one, and may arrive twice.
func (c *carrier) breakOff() {
	if c.client == nil {
		return
	}
	c.hangUp()
	now := time.Now()
	c.breaks++
	c.pause = now.Add(backoff(c.breaks))
	for e := range c.flying {
		delete(c.flying, e)
		c.rest(e, now)
	}
}

func (c *carrier) redial(now time.Time) bool {
	if now.Before(c.pause) {
		return false
	}
	next, err := c.dial()
	if err != nil {
		c.report.failed(now, err)
		c.breaks++
		c.pause = now.Add(backoff(c.breaks))
		return false
	}
	c.connect(next)
	return true
}

// hangUp closes the client, after it took the reports that are there.
func (c *carrier) hangUp() {
	if c.client == nil {
		return
	}
	ending, reports := c.client, c.reports
	// Before the reports are taken: one of them could break off again.
	c.client, c.events, c.reports = nil, nil, nil
	ending.Close()
	for {
		select {
		case ev := <-reports:
			c.take(ev)
		default:
			return
		}
	}
}
