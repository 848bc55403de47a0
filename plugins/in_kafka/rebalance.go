package inkafka

import (
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/fault"
)

const (
	// settleWithin is how long a partition that goes to another member waits for
	// what is on the way: what is delivered until then is not sent twice. It is
	// above Fluent Bit's default flush interval, and well below the time that a
	// group gives its members.
	settleWithin = 3 * time.Second
	settleEvery  = 20 * time.Millisecond
)

// rebalance is the consumer's callback, on the reader's goroutine from within
// Poll. The library assigns or unassigns after it returns, in the way of the
// group's protocol, and commits what is stored of partitions that go, unless
// they are lost already.
func (r *reader) rebalance(_ *kafka.Consumer, ev kafka.Event) error {
	fault.Point("kafka rebalance")
	switch ev := ev.(type) {
	case kafka.AssignedPartitions:
		return r.assign(ev.Partitions)
	case kafka.RevokedPartitions:
		r.revoke(ev.Partitions)
	}
	return nil
}

func (r *reader) assign(list []kafka.TopicPartition) error {
	r.client.queue.Reassigned()
	for _, tp := range list {
		// Before it is assigned, so that no message takes the other way.
		if err := r.client.queue.Forward(*tp.Topic, tp.Partition); err != nil {
			r.fail(err)
		}
		a := r.ledger.Assign(partitionOf(tp))
		r.pace.add(a, time.Now())
		r.youngest = a.Number
	}
	r.counts.rebalances[assigned].Inc()
	r.log.Info("partitions assigned", "partitions", formatPartitions(list))
	return nil
}

func (r *reader) revoke(list []kafka.TopicPartition) {
	change := revoked
	if r.client.consumer.AssignmentLost() {
		change = lost
	}
	if change == revoked && !r.stopping() {
		r.settle(list)
	}
	for _, tp := range list {
		p := partitionOf(tp)
		r.pace.remove(p)
		r.commits.revoked(p)
		r.counts.partitions.revoked(p.Topic, p.ID)
		if next, moved := r.ledger.Revoke(p); moved && change == revoked {
			r.storeOffsets([]delivery.Offset{{Partition: p, Next: next}})
		}
	}
	r.counts.rebalances[change].Inc()
	r.log.Info("partitions revoked", "partitions", formatPartitions(list), "lost", change == lost)
}

// settle waits until the outputs have what is on the way of partitions that go.
func (r *reader) settle(list []kafka.TopicPartition) {
	tick := time.NewTicker(settleEvery)
	defer tick.Stop()
	for deadline := time.Now().Add(settleWithin); time.Now().Before(deadline); {
		n := 0
		for _, tp := range list {
			n += r.ledger.Unfinished(partitionOf(tp))
		}
		if n == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-r.stop:
			return
		}
	}
}

func partitionOf(tp kafka.TopicPartition) delivery.Partition {
	return delivery.Partition{Topic: *tp.Topic, ID: tp.Partition}
}
