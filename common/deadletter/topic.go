package deadletter

import (
	"fmt"
	"sync"
	"time"
)

const (
	// maxLetters and maxBytes bound what a Topic holds: it takes no more once it
	// has that much. While brokers answer it holds next to nothing; they are what
	// an outage may cost in memory.
	maxLetters = 1000
	maxBytes   = 16 << 20
)

// Topic produces letters to a Kafka topic, with a producer of its own.
type Topic struct {
	report *report
	inbox  chan *envelope // of maxLetters: handing over never blocks
	room   chan struct{}
	last   chan time.Time // the deadline, once
	ended  <-chan struct{}

	mu      sync.Mutex
	waiting int // letters that are not safe yet
	bytes   int // theirs
	closed  bool
}

var _ Sink = (*Topic)(nil)

// NewTopic starts a Topic. It does not wait for a broker; an error is about
// properties that do not go together.
func NewTopic(o Owner, name string, in Cluster) (*Topic, error) {
	conf := in.config()
	return newTopic(o, name, in, func() (client, error) { return in.dial(o.Host, conf) })
}

func newTopic(o Owner, name string, in Cluster, dial func() (client, error)) (*Topic, error) {
	first, err := dial()
	if err != nil {
		return nil, fmt.Errorf("making a Kafka producer for dead letters: %w", err)
	}
	t := &Topic{
		report: newReport(o, name, in.Brokers),
		inbox:  make(chan *envelope, maxLetters),
		room:   make(chan struct{}, 1),
		last:   make(chan time.Time, 1),
	}
	c := &carrier{topic: t, name: name, instance: o.Host.Name, report: t.report, dial: dial, flying: map[*envelope]struct{}{}}
	c.connect(first)
	t.ended = o.Host.Go("dead letters", c.run)
	return t, nil
}

// Send implements Sink. It returns ErrFull while too much waits for the brokers.
func (t *Topic) Send(l *Letter, safe func()) error {
	size := l.size()
	if err := t.take(size); err != nil {
		return err
	}
	t.inbox <- newEnvelope(l, size, safe)
	return nil
}

// take makes place for a letter.
func (t *Topic) take(size int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closed:
		return ErrClosed
	case t.waiting == maxLetters, t.bytes >= maxBytes:
		return ErrFull
	}
	t.waiting++
	t.bytes += size
	t.report.hold(t.waiting, t.bytes)
	return nil
}

// Room receives after letters became safe, for one goroutine that waits with
// what was refused with ErrFull.
func (t *Topic) Room() <-chan struct{} { return t.room }

// settle ends the way of a letter that the brokers have.
func (t *Topic) settle(e *envelope) {
	t.mu.Lock()
	t.waiting--
	t.bytes -= e.size
	t.report.hold(t.waiting, t.bytes)
	t.mu.Unlock()
	t.report.safe(&e.letter)
	e.safe()
	select {
	case t.room <- struct{}{}:
	default:
	}
}

// left returns how many letters are not safe.
func (t *Topic) left() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.waiting
}

// Close implements Sink. It waits for reports until the deadline.
func (t *Topic) Close(deadline time.Time) (left int) {
	t.mu.Lock()
	first := !t.closed
	t.closed = true
	t.mu.Unlock()
	if first {
		t.last <- deadline
	}
	<-t.ended
	left = t.left()
	if first {
		t.report.close(left)
	}
	return left
}
