package inkafka

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/rdkafka"
	"github.com/tidegate/tidegate/common/schema"
	"github.com/tidegate/tidegate/common/throttle"
)

const (
	// drainMessages and drainFor bound one call into librdkafka: it waits
	// until it has that many or the time is over.
	drainMessages = 2000
	drainFor      = 50 * time.Millisecond
	// maxEvents bounds one round of events: a client without brokers has
	// always more.
	maxEvents = 100
	// idlePoll is how often the client is served while the host takes nothing.
	idlePoll = 100 * time.Millisecond
	// fullPoll is the same while too much is on the way: room comes in pieces of
	// what an output delivers at once.
	fullPoll = 5 * time.Millisecond
)

// reader polls the client, drains it, encodes, and commits. Its fields belong to
// the goroutine that runs it, but for the channels and the ledger.
type reader struct {
	config  *Config
	client  *client
	drained *rdkafka.Batch
	schemas *schema.Decoder // nil where none is wanted
	encoder *encoder
	ledger  *delivery.Ledger
	pace    *pace
	letters *letters
	events  *clientEvents
	health  *health
	counts  *counts
	log     *slog.Logger
	fail    func(error) // for good
	broken  error       // the client's fatal error

	tombstones throttle.Line // counts those skipped, for the log

	tags    tags
	filling map[string]*delivery.Batch // by tag
	buffers [][]byte                   // to fill

	// youngest is the newest assignment's number.
	youngest uint32
	stored   time.Time
	commits  *commits
	offsets  []delivery.Offset

	ready chan *delivery.Batch // to Collect
	stop  chan struct{}
}

func newReader(c *Config, h plugin.Host, l *delivery.Ledger, counts *counts, stop chan struct{}) (*reader, error) {
	registry, err := c.openSchemas(h)
	if err != nil {
		return nil, err
	}
	encoder, err := newEncoder(c, registry)
	if err != nil {
		return nil, err
	}
	letters, err := newLetters(c, h, l)
	if err != nil {
		return nil, err
	}
	r := &reader{
		config:  c,
		drained: rdkafka.NewBatch(drainMessages),
		schemas: registry,
		encoder: encoder,
		letters: letters,
		ledger:  l,
		pace:    newPace(c.MaxSkew),
		counts:  counts,
		commits: counts.commits,
		log:     h.Log,
		fail:    h.Fail,
		tags:    tags{c.TopicTag, map[string]string{}},
		filling: map[string]*delivery.Batch{},
		ready:   make(chan *delivery.Batch, readyBatches),
		stop:    stop,
	}
	r.health = &health{log: h.Log, after: c.StuckAfter}
	counts.addLedger(h.Metrics, l, r.health)
	r.events = newClientEvents(c, h, counts)
	r.events.fail = func(err error) { r.broken = err }
	return r, nil
}

// close gives librdkafka's memory back, after run has returned.
func (r *reader) close() {
	if n := r.tombstones.Rest(); n > 0 {
		r.log.Info("tombstones skipped: messages with a null value", "messages", n)
	}
	r.drained.Free()
	if r.schemas != nil {
		r.schemas.Close()
	}
}

// openSchemas returns the decoder of a schema registry, nil for formats without.
func (c *Config) openSchemas(h plugin.Host) (*schema.Decoder, error) {
	if c.Format != formatAvro && c.Format != formatJSONSchema {
		return nil, nil //nolint:nilnil // none is wanted
	}
	return schema.Open(c.Schema, h.Log)
}

// run reads until the input stops or the client breaks.
func (r *reader) run(cl *client) {
	r.client, r.broken = cl, nil
	for r.broken == nil && !r.stopping() {
		r.serve()
		r.keepPace()
		if r.ledger.Full() {
			r.wait(fullPoll)
			continue
		}
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

// wait passes time for which nothing is to be read. The next serve follows soon.
func (r *reader) wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.stop:
	}
}

// serve does what the group wants to be done all the time: it serves the
// client's events until there are none, rebalances and errors, and commits.
func (r *reader) serve() {
	r.store(time.Now())
	for range maxEvents {
		switch ev := r.client.consumer.Poll(0).(type) {
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

// keepPace holds back what is ahead of its time, and pauses its partitions.
func (r *reader) keepPace() {
	r.pace.look(time.Now(), r.ledger.Full(), r.ledger.OldestOf)
	consumer := r.client.consumer
	r.pace.switches(
		func(p delivery.Partition) error {
			return consumer.Pause([]kafka.TopicPartition{{Topic: &p.Topic, Partition: p.ID}})
		},
		func(p delivery.Partition) error {
			return consumer.Resume([]kafka.TopicPartition{{Topic: &p.Topic, Partition: p.ID}})
		},
	)
}

// drain moves what librdkafka has into batches.
func (r *reader) drain() {
	before := r.youngest
	r.client.queue.Drain(drainFor, r.drained)
	defer r.drained.Release()
	var m rdkafka.Message
	for i := range r.drained.Len() {
		r.drained.Message(i, &m)
		switch m.Err {
		case kafka.ErrNoError:
			r.add(&m, before)
		case kafka.ErrPartitionEOF:
			r.pace.ended(delivery.Partition{Topic: m.Topic, ID: m.Partition})
		default:
			r.events.handle(kafka.NewError(m.Err, string(m.Value), false))
		}
	}
}

// add encodes a message that was drained when before was the youngest
// assignment. It comes back once the message has a place.
func (r *reader) add(m *rdkafka.Message, before uint32) {
	for !r.stopping() && r.broken == nil {
		a := r.ledger.Assigned(m.Topic, m.Partition)
		if a == nil || a.Number > before {
			// Revoked since it was fetched, and perhaps assigned again: who has it
			// now reads it anew.
			return
		}
		b := r.batchFor(m.Topic)
		start := len(b.Events)
		var out outcome
		b.Events, out = r.encoder.append(b.Events, m, a.Number)
		if out.verdict == unavailable || out.verdict == deadLetter && !r.letters.send(m, a, &out) {
			r.handOverAll() // nobody waits for this one
			r.wait(idlePoll)
			r.serve()
			continue
		}
		r.count(m, &out, len(b.Events)-start)
		r.place(b, start, a, m, &out)
		return
	}
}

// place puts what became of a message, with the event behind start if there is
// one, where it belongs.
func (r *reader) place(b *delivery.Batch, start int, a *delivery.Assignment, m *rdkafka.Message, out *outcome) {
	l := r.pace.lane(a)
	if out.verdict == emitted {
		r.pace.tick(l, out.time)
	}
	if r.pace.early(l) {
		held := r.pace.hold(l, func() *delivery.Batch { return r.ledger.Batch(b.Tag) })
		held.Events = append(held.Events, b.Events[start:]...)
		l.bytes += len(b.Events) - start
		b.Events = b.Events[:start]
		b = held
	}
	switch out.verdict {
	case emitted:
		b.Emit(a, m.Offset, l.clock)
	case deadLetter:
		b.EmitDeadLetter(a, m.Offset, l.clock)
	default:
		b.Pass(a, m.Offset+1)
	}
	if len(b.Events) >= batchBytes && r.filling[b.Tag] == b {
		delete(r.filling, b.Tag)
		r.handOver(b)
	}
}

// count counts a message.
func (r *reader) count(m *rdkafka.Message, out *outcome, bytes int) {
	if bytes > 0 {
		r.counts.read(m.Topic, bytes)
	}
	if out.problem != noProblem {
		r.counts.problems[out.problem-1].Inc()
	}
	if m.Value != nil || out.verdict != skipped {
		return
	}
	r.counts.tombstones.Inc()
	if n, due := r.tombstones.Add(time.Now(), 1); due {
		r.log.Info("tombstones skipped: messages with a null value", "messages", n, "topic", m.Topic)
	}
}
