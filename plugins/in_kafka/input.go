// Package inkafka is the tidegate_kafka input: Kafka messages as Fluent Bit
// records.
//
// The reader, a goroutine beside the host's thread, polls the client, drains
// its messages, encodes them as events, and commits. Collect, on the host's
// thread, only hands encoded batches over: the host's append works on no other
// thread, and the client goes on being polled while the host has paused the
// input.
//
// Between them is the ledger, common/delivery: it keeps each batch until the
// outputs have delivered it, tells which offsets may be committed, how much may
// be read, and what has to be appended again. Offsets are stored with the client,
// which commits them on an interval, on a rebalance and at the end.
package inkafka

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/plugin"
)

// Input is a running tidegate_kafka input.
type Input struct {
	host   plugin.Host
	log    *slog.Logger
	config *Config
	reader *reader
	ledger *delivery.Ledger
	counts *counts

	// These are Collect's.

	taken   taken
	started bool
	// pending is a batch that the host had no room for; it goes first the
	// next time. Behind it are those to append again.
	pending *delivery.Batch
	again   []delivery.Redelivery

	leave sync.Once
	stop  chan struct{} // closed by leave; Close joins the loop
	loop  <-chan struct{}
}

func newInput(c *Config, h plugin.Host) (*Input, error) {
	in := &Input{
		host:   h,
		log:    h.Log,
		config: c,
		ledger: c.newLedger(h.Deliveries, source(c.Brokers, c.GroupID), c.OriginIn == originInRecord),
		counts: newCounts(h.Metrics),
		stop:   make(chan struct{}),
	}
	in.taken = taken{log: h.Log, ledger: in.ledger, read: h.Taken, chunked: c.Commit == commitAppended}
	first, err := c.open(h)
	if err != nil {
		in.ledger.Close()
		return nil, err
	}
	if in.reader, err = newReader(c, h, in.ledger, in.counts, in.stop); err == nil {
		if err = in.join(first); err != nil {
			in.reader.close()
		}
	}
	if err != nil {
		first.close()
		in.ledger.Close()
		return nil, err
	}
	if in.taken.chunked {
		in.taken.start()
	}
	in.loop = h.Go("kafka reader", func() { in.run(first) })
	return in, nil
}

// join has a client join the group.
func (in *Input) join(cl *client) error {
	if err := cl.consumer.SubscribeTopics(in.config.Topics, in.reader.rebalanceOf(cl)); err != nil {
		return fmt.Errorf("subscribing to %v: %w", in.config.Topics, err)
	}
	cl.beside("kafka topics", func() { in.reader.start.topics.watch(cl.consumer, cl.stop) })
	return nil
}

// lookEvery is how often the agent's count is looked at while nothing is
// appended. The agent empties its buffer every 250 ms.
const lookEvery = 20 * time.Millisecond

// Collect implements plugin.Input.
func (in *Input) Collect(deadline time.Time, to plugin.Appender) {
	if !in.started {
		// By now all outputs are there.
		if err := in.ledger.Start(); err != nil {
			in.host.Fail(err)
			in.end() // else it would keep its partitions, and read none of them
			return
		}
		in.started = true
		if in.config.Commit == commitDelivered {
			in.log.Info("offsets follow the delivery", "ack_from", strings.Join(in.ledger.Outputs(), ","))
		}
	}
	now := time.Now()
	in.taken.look(now)
	in.redeliver(now)
	timeout := time.NewTimer(time.Until(deadline))
	defer timeout.Stop()
	for in.rest(timeout.C) {
		b := in.next(timeout.C)
		if b == nil || !in.append(b, to) {
			return
		}
	}
}

// rest appends nothing until the agent has emptied its buffer, where the ledger
// wants that. It returns false if the time was over before.
func (in *Input) rest(timeout <-chan time.Time) bool {
	if !in.ledger.Hold() {
		return true
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for in.ledger.Hold() {
		select {
		case <-tick.C:
			in.taken.look(time.Now())
		case <-timeout:
			return false
		}
	}
	return true
}

// redeliver finds what has to be appended again.
func (in *Input) redeliver(now time.Time) {
	before := len(in.again)
	in.again = in.ledger.Redeliver(in.again, now)
	for _, r := range in.again[before:] {
		in.counts.redeliveries[r.Why].Inc()
		if n, due := in.counts.redelivered[r.Why].Add(now, int64(r.Records())); due {
			in.log.Warn("records are handed to the agent again", "reason", r.Why.Text(), "records", n)
		}
	}
}

// next waits for a batch to append, nil if there is none until then.
func (in *Input) next(timeout <-chan time.Time) *delivery.Batch {
	if in.pending == nil && len(in.again) > 0 {
		in.pending, in.again = in.again[0].Batch, in.again[1:]
	}
	for in.pending == nil {
		in.taken.glance(time.Now()) // there may be no batch for want of room
		select {
		case in.pending = <-in.reader.ready:
		case <-in.taken.tick:
		case <-timeout:
			return nil
		}
	}
	return in.pending
}

// append hands the pending batch to the host. It returns false if that has no
// room: it waited a second for it, so it is time to go.
func (in *Input) append(b *delivery.Batch, to plugin.Appender) bool {
	if in.ledger.Needed(b) {
		if to.Append(b.Tag, b.Events, b.Records()) != nil {
			in.counts.full.Inc()
			return false
		}
		in.ledger.Appended(b, time.Now())
	}
	in.pending = nil
	return true
}

// end has the loop leave the group.
func (in *Input) end() { in.leave.Do(func() { close(in.stop) }) }

// Close implements plugin.Input. The host still flushes what it has after it.
func (in *Input) Close() {
	in.end()
	<-in.loop
	in.ledger.Close() // where a panic ended the loop
	in.reader.close()
}
