// Package inkafka is the tidegate_kafka input: Kafka messages as Fluent Bit
// records.
//
// The reader, a goroutine beside the host's thread, polls the client, drains
// its messages and encodes them as events. Collect, on the host's thread, only
// hands encoded batches over: the host's append works on no other thread, and
// the client goes on being polled while the host has paused the input.
//
// Offsets are committed once the host took the records into chunks, see handed:
// they are stored with the client, which commits on an interval, on a rebalance
// and at the end. (Committing ourselves would block: without a broker, an agent
// could not stop for most of a minute.) What happens to the records after that
// is not known here yet; see offsets.
package inkafka

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/plugin"
)

// closeWithin is how long an exit waits for the last commit. It comes on top
// of the agent's grace, which is over by then.
const closeWithin = 1500 * time.Millisecond

// Input is a running tidegate_kafka input.
type Input struct {
	log      *slog.Logger
	spawn    func(name string, f func()) <-chan struct{}
	consumer *kafka.Consumer
	reader   *reader
	counts   *counts
	offsets  *offsets

	handed handed // used by Collect and Close only

	// pending is a batch that the host had no room for; it goes first the
	// next time. Only Collect uses it.
	pending *batch

	stop  chan struct{}     // closed by Close, which joins the loops
	loops []<-chan struct{} // their ends
}

func newInput(c *Config, h plugin.Host) (*Input, error) {
	consumer, err := kafka.NewConsumer(c.clientConfig())
	if err != nil {
		return nil, fmt.Errorf("making a Kafka consumer: %w", err)
	}
	in := &Input{
		log:      h.Log,
		spawn:    h.Go,
		consumer: consumer,
		counts:   newCounts(h.Metrics),
		offsets:  newOffsets(),
		handed:   handed{log: h.Log, taken: h.Taken},
		stop:     make(chan struct{}),
	}
	if in.reader, err = newReader(c, h, consumer, in.offsets, in.counts, in.stop); err != nil {
		_ = consumer.Close()
		return nil, err
	}
	if err := consumer.SubscribeTopics(c.Topics, in.reader.rebalance); err != nil {
		in.reader.close()
		_ = consumer.Close()
		return nil, fmt.Errorf("subscribing to %v: %w", c.Topics, err)
	}
	in.loops = []<-chan struct{}{
		h.Go("kafka reader", in.reader.run),
		h.Go("kafka client log", func() { kafkaconf.LogClient(h.Log, consumer.Logs(), in.stop) }),
	}
	return in, nil
}

// Collect implements plugin.Input.
func (in *Input) Collect(deadline time.Time, to plugin.Appender) {
	in.settle()
	timeout := time.NewTimer(time.Until(deadline))
	defer timeout.Stop()
	for {
		b := in.pending
		if b == nil {
			select {
			case b = <-in.reader.ready:
			case <-timeout.C:
				return
			}
		}
		in.pending = b
		// A batch of tombstones only has nothing to append, but its marks wait
		// for those of the batches before it.
		if len(b.events) > 0 && to.Append(b.tag, b.events) != nil {
			in.counts.full.Inc()
			return // no room: the host waited a second for it, so it is time to go
		}
		in.pending = nil
		in.handed.add(time.Now(), b.marks)
		in.counts.appended(b)
		in.reader.putBatch(b)
	}
}

// settle stores the offsets of what the host took into chunks. They are
// committed with the client's next commit, within a second, on a rebalance or
// at the end.
func (in *Input) settle() {
	in.handed.settle(time.Now(), func(marks []mark) {
		if list := in.offsets.current(marks); len(list) > 0 {
			if _, err := in.consumer.StoreOffsets(list); err != nil {
				// Revoked since: its new owner reads these records again.
				in.log.Debug("offsets were not stored", "err", err)
			}
		}
	})
}

// Close implements plugin.Input. The host still flushes what it has after it.
func (in *Input) Close() {
	close(in.stop)
	for _, ended := range in.loops {
		<-ended
	}
	in.reader.close()
	in.settle()
	in.leave()
}

// leave commits what is stored and leaves the group. That needs a broker; where
// none answers, the client gives up after the session's timeout, 45 seconds by
// default. Nobody waits for that: it goes on beside the host's exit.
func (in *Input) leave() {
	left := in.spawn("kafka consumer's end", func() {
		if err := in.consumer.Close(); err != nil {
			in.log.Warn("closing the Kafka consumer", "err", err)
		}
	})
	select {
	case <-left:
	case <-time.After(closeWithin):
		in.log.Warn("no broker answers at the end; what was not committed is read again after the next start")
	}
}
