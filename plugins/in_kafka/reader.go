package inkafka

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/fault"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/rdkafka"
	"github.com/tidegate/tidegate/common/throttle"
)

const (
	// drainMessages and drainFor bound one call into librdkafka: it waits
	// until it has that many or the time is over.
	drainMessages = 2000
	drainFor      = 50 * time.Millisecond
	// batchBytes is where a batch is handed to the host. The host's throughput
	// levels off at about this size, and it keeps each batch whole.
	batchBytes = 1 << 20
	// readyBatches is how many batches may wait for the host.
	readyBatches = 8
	// maxEvents bounds one round of events: a client without brokers has
	// always more.
	maxEvents = 100
	// idlePoll is how often the client is polled while the host takes nothing.
	idlePoll = 100 * time.Millisecond
)

// batch is what is appended at once: events of one tag.
type batch struct {
	tag    string
	events []byte
	marks  []mark
}

// reader polls the client, drains it, and encodes. Its fields belong to the
// goroutine that runs it, but for the channels.
type reader struct {
	consumer *kafka.Consumer
	queue    *rdkafka.Reader
	drained  *rdkafka.Batch
	encoder  *encoder
	offsets  *offsets
	events   *clientEvents
	counts   *counts
	log      *slog.Logger
	fail     func(error)

	tombstones throttle.Line // counts those skipped, for the log

	topicTag string
	open     map[string]*batch // by tag, being filled

	ready chan *batch // to Collect
	free  chan *batch // back from Collect
	stop  chan struct{}
}

func newReader(c *Config, h plugin.Host, consumer *kafka.Consumer, o *offsets, counts *counts, stop chan struct{}) (*reader, error) {
	queue, err := rdkafka.NewReader(consumer)
	if err != nil {
		return nil, err
	}
	return &reader{
		consumer: consumer,
		queue:    queue,
		drained:  rdkafka.NewBatch(drainMessages),
		encoder:  newEncoder(c),
		offsets:  o,
		events:   newClientEvents(c, h, counts),
		counts:   counts,
		log:      h.Log,
		fail:     h.Fail,
		topicTag: c.TopicTag,
		open:     map[string]*batch{},
		ready:    make(chan *batch, readyBatches),
		free:     make(chan *batch, readyBatches),
		stop:     stop,
	}, nil
}

// close gives librdkafka's memory back, after run has returned.
func (r *reader) close() {
	if n := r.tombstones.Rest(); n > 0 {
		r.log.Info("tombstones skipped: messages with a null value", "messages", n)
	}
	r.drained.Free()
	r.queue.Close()
}

func (r *reader) run() {
	for !r.stopping() {
		r.poll()
		r.drain()
		r.handOverAll()
	}
}

func (r *reader) stopping() bool {
	select {
	case <-r.stop:
		return true
	default:
		return false
	}
}

// poll serves the client's events until there are none: rebalances and errors.
func (r *reader) poll() {
	for range maxEvents {
		switch ev := r.consumer.Poll(0).(type) {
		case nil:
			return
		case *kafka.Message:
			// Every partition is forwarded before it is assigned. A message
			// that comes here would be passed by the offsets of later ones.
			r.fail(fmt.Errorf("%s came outside of the queue", ev.TopicPartition))
		default:
			r.events.handle(ev)
		}
	}
}

// drain moves what librdkafka has into batches.
func (r *reader) drain() {
	r.queue.Drain(drainFor, r.drained)
	defer r.drained.Release()
	var m rdkafka.Message
	for i := range r.drained.Len() {
		r.drained.Message(i, &m)
		if m.Err != kafka.ErrNoError {
			r.events.handle(kafka.NewError(m.Err, string(m.Value), false))
			continue
		}
		r.add(&m)
	}
}

// add encodes a message into the batch of its tag.
func (r *reader) add(m *rdkafka.Message) {
	p := partition{m.Topic, m.Partition}
	assignment := r.offsets.assignment(p)
	if assignment == 0 {
		return // revoked since it was fetched; its new owner reads it
	}
	if m.Value == nil {
		r.counts.tombstones.Inc()
		if n, due := r.tombstones.Add(time.Now(), 1); due {
			r.log.Info("tombstones skipped: messages with a null value", "messages", n, "topic", m.Topic)
		}
	}
	b := r.batchFor(m.Topic)
	before := len(b.events)
	var sound bool
	if b.events, sound = r.encoder.append(b.events, m, assignment); !sound {
		r.counts.problems[notJSON].Inc()
	}
	b.mark(p, assignment, m.Offset+1, len(b.events)-before)
	if len(b.events) >= batchBytes {
		delete(r.open, b.tag)
		r.handOver(b)
	}
}

// mark notes that the batch holds a partition's messages up to next, the last
// of them as an event of so many bytes, or of none for a tombstone.
func (b *batch) mark(p partition, assignment uint32, next int64, bytes int) {
	m := b.markOf(p)
	m.assignment, m.next = assignment, next
	if bytes > 0 {
		m.records++
		m.bytes += bytes
	}
}

func (b *batch) markOf(p partition) *mark {
	// Messages of a partition come in runs, so the last mark is nearly always
	// the one.
	for i := len(b.marks) - 1; i >= 0; i-- {
		if b.marks[i].partition == p {
			return &b.marks[i]
		}
	}
	b.marks = append(b.marks, mark{partition: p})
	return &b.marks[len(b.marks)-1]
}

// batchFor returns the batch that takes a topic's records.
func (r *reader) batchFor(topic string) *batch {
	tag := r.topicTag
	if tag != "" {
		tag = strings.ReplaceAll(tag, topicVariable, topic)
	}
	b := r.open[tag]
	if b == nil {
		b = r.getBatch()
		b.tag = tag
		r.open[tag] = b
	}
	return b
}

// handOverAll hands over every batch that is being filled.
func (r *reader) handOverAll() {
	for tag, b := range r.open {
		delete(r.open, tag)
		r.handOver(b)
	}
}

// handOver gives a batch to Collect. While that takes none, because the host
// has paused the input or its buffer is full, the client goes on being polled:
// else the group would throw the member out after max.poll.interval.ms.
func (r *reader) handOver(b *batch) {
	select {
	case r.ready <- b:
		return
	default:
	}
	tick := time.NewTicker(idlePoll)
	defer tick.Stop()
	for {
		select {
		case r.ready <- b:
			return
		case <-tick.C:
			r.poll()
		case <-r.stop:
			return
		}
	}
}

// getBatch and putBatch keep buffers in use; one that a huge message blew up
// is let go.
func (r *reader) getBatch() *batch {
	select {
	case b := <-r.free:
		return b
	default:
		return &batch{events: make([]byte, 0, batchBytes+batchBytes/8)}
	}
}

func (r *reader) putBatch(b *batch) {
	if cap(b.events) > 4*batchBytes {
		return
	}
	b.events, b.marks = b.events[:0], b.marks[:0]
	select {
	case r.free <- b:
	default:
	}
}

// rebalance is the consumer's callback, on the reader's goroutine from within
// Poll. The library assigns or unassigns after it returns, in the way of the
// group's protocol, and commits what is stored of partitions that go, unless
// they are lost already.
func (r *reader) rebalance(_ *kafka.Consumer, ev kafka.Event) error {
	fault.Point("kafka rebalance")
	switch ev := ev.(type) {
	case kafka.AssignedPartitions:
		r.queue.Reassigned()
		for _, tp := range ev.Partitions {
			// Before it is assigned, so that no message takes the other way.
			if err := r.queue.Forward(*tp.Topic, tp.Partition); err != nil {
				r.fail(err)
			}
			r.offsets.assign(partition{*tp.Topic, tp.Partition})
		}
		r.counts.rebalances[assigned].Inc()
		r.log.Info("partitions assigned", "partitions", formatPartitions(ev.Partitions))
	case kafka.RevokedPartitions:
		for _, tp := range ev.Partitions {
			r.offsets.revoke(partition{*tp.Topic, tp.Partition})
		}
		change := revoked
		if r.consumer.AssignmentLost() {
			change = lost
		}
		r.counts.rebalances[change].Inc()
		r.log.Info("partitions revoked", "partitions", formatPartitions(ev.Partitions), "lost", change == lost)
	}
	return nil
}
