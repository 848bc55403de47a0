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
	start   *start
	end     *stop // nil unless stop_at end
	events  *clientEvents
	health  *health
	counts  *counts
	log     *slog.Logger
	fail    func(error) // for good
	broken  error       // the client's fatal error

	tombstones throttle.Line // counts those skipped, for the log
	problems   [numProblems]throttle.Line

	tags    tags
	filling fillings
	buffers [][]byte // to fill

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
		if registry != nil {
			registry.Close()
		}
		return nil, err
	}
	r := &reader{
		config:  c,
		drained: rdkafka.NewBatch(drainMessages),
		schemas: registry,
		encoder: encoder,
		letters: letters,
		ledger:  l,
		pace:    newPace(c.MaxSkew, c.MaxInFlight),
		counts:  counts,
		commits: counts.commits,
		log:     h.Log,
		fail:    h.Fail,
		tags:    newTags(c.TopicTag),
		filling: fillings{byTag: map[string]*delivery.Batch{}},
		ready:   make(chan *delivery.Batch, readyBatches),
		stop:    stop,
	}
	r.end = newStop(&c.read, h.Log)
	r.start = newStart(&c.read, &knownTopics{}, h.Log, newStartCounts(h.Metrics), r.end, stop)
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
	r.letters.close() // where the end came between two clients
	r.events.why.Close()
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
	r.start.use(cl.consumer)
	for r.broken == nil && !r.stopping() {
		r.serve()
		r.keepPace()
		if r.ledger.Full() {
			r.wait(fullPoll)
			continue
		}
		r.drain()
		r.health.blocked.Store(0)
		r.handOverAll()
		r.placeAgain()
		r.rest()
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
		case kafka.OAuthBearerTokenRefresh:
			r.client.tokens.Refresh(r.client.consumer)
		case *kafka.Message:
			// Every partition is forwarded before it is assigned. A message
			// that comes here would be passed by the offsets of later ones.
			r.fail(fmt.Errorf("%s came outside of the queue", ev.TopicPartition))
		default:
			r.events.handle(ev)
		}
	}
}

// rest pauses what was read up to its end, for stop_at end.
func (r *reader) rest() {
	if r.end == nil {
		return
	}
	if list := r.end.newlyReached(); len(list) > 0 {
		if err := r.client.consumer.Pause(list); err != nil {
			r.log.Warn("pausing partitions at their end", "err", err)
		}
	}
	r.end.idle(func() bool { return r.pace.holds() || r.ledger.Stats().Records > 0 })
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
			if r.end.isReached(p) {
				return nil
			}
			return consumer.Resume([]kafka.TopicPartition{{Topic: &p.Topic, Partition: p.ID}})
		},
	)
}
