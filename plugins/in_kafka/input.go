// Package inkafka is the tidegate_kafka input: Kafka messages as Fluent Bit
// records.
//
// Two goroutines work beside the host's thread. The reader polls the client,
// drains its messages and encodes them as events; the committer commits the
// offsets of what the host has taken. Collect, on the host's thread, only hands
// encoded batches over: the host's append works on no other thread, and the
// client goes on being polled while the host has paused the input.
//
// Offsets are committed once the host took the records into its buffer. What
// happens to them after that is not known here yet; see offsets.
package inkafka

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/plugin"
)

// Input is a running tidegate_kafka input.
type Input struct {
	log      *slog.Logger
	consumer *kafka.Consumer
	reader   *reader
	offsets  *offsets

	// pending is a batch that the host had no room for; it goes first the
	// next time. Only Collect uses it.
	pending *batch

	stop chan struct{} // closed by Close
	done []chan struct{}
}

func newInput(c *Config, h plugin.Host) (*Input, error) {
	consumer, err := kafka.NewConsumer(c.clientConfig())
	if err != nil {
		return nil, fmt.Errorf("making a Kafka consumer: %w", err)
	}
	in := &Input{
		log:      h.Log,
		consumer: consumer,
		offsets:  newOffsets(),
		stop:     make(chan struct{}),
	}
	if in.reader, err = newReader(c, h, consumer, in.offsets, in.stop); err != nil {
		_ = consumer.Close()
		return nil, err
	}
	if err := consumer.SubscribeTopics(c.Topics, in.reader.rebalance); err != nil {
		in.reader.close()
		_ = consumer.Close()
		return nil, fmt.Errorf("subscribing to %v: %w", c.Topics, err)
	}
	in.goLoop(h, "kafka reader", in.reader.run)
	in.goLoop(h, "kafka committer", in.commitLoop)
	in.goLoop(h, "kafka client log", func() { logClient(h.Log, consumer.Logs(), in.stop) })
	return in, nil
}

// goLoop starts a goroutine that Close joins.
func (in *Input) goLoop(h plugin.Host, name string, loop func()) {
	done := make(chan struct{})
	in.done = append(in.done, done)
	h.Go(name, func() {
		defer close(done)
		loop()
	})
}

// Collect implements plugin.Input.
func (in *Input) Collect(deadline time.Time, to plugin.Appender) {
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
		if to.Append(b.tag, b.events) != nil {
			return // no room: the host waited a second for it, so it is time to go
		}
		in.pending = nil
		in.offsets.appended(b.marks)
		in.reader.putBatch(b)
	}
}

// commitLoop commits on an interval, and what is left at the end.
func (in *Input) commitLoop() {
	tick := time.NewTicker(commitInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			in.commit()
		case <-in.stop:
			return
		}
	}
}

// commit tells the group what was appended since the last commit.
func (in *Input) commit() {
	list := in.offsets.due()
	if len(list) == 0 {
		return
	}
	if _, err := in.consumer.CommitOffsets(list); err != nil {
		in.offsets.uncommitted(list)
		in.log.Warn("offsets were not committed; the next commit includes them", "err", err)
	}
}

// Close implements plugin.Input. The host still flushes what it has after it.
func (in *Input) Close() {
	close(in.stop)
	for _, done := range in.done {
		<-done
	}
	in.commit()
	in.reader.close()
	if err := in.consumer.Close(); err != nil {
		in.log.Warn("closing the Kafka consumer", "err", err)
	}
}
