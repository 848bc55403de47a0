package inkafka

import (
	"fmt"
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

// rebalanceOf returns a consumer's callback. It runs on the reader's goroutine,
// from within Poll, or within the client's end. What it does not unassign itself
// the library does after it returns, in the way of the group's protocol, and
// commits what is stored of partitions that go, unless they are lost already.
func (r *reader) rebalanceOf(cl *client) kafka.RebalanceCb {
	return func(_ *kafka.Consumer, ev kafka.Event) error {
		fault.Point("kafka rebalance")
		if cl.dropped.Load() {
			return nil
		}
		switch ev := ev.(type) {
		case kafka.AssignedPartitions:
			r.assign(ev.Partitions)
		case kafka.RevokedPartitions:
			r.revoke(ev.Partitions)
		}
		return nil
	}
}

func (r *reader) assign(list []kafka.TopicPartition) {
	r.client.queue.Reassigned()
	placed := r.start.place(list)
	r.begin(placed)
	if err := assign(r.client.consumer, placed); err != nil {
		r.fail(fmt.Errorf("assigning %s: %w", formatPartitions(placed), err))
	}
	r.resume(placed)
	r.counts.rebalances[assigned].Inc()
	r.log.Info("partitions assigned", "partitions", formatPartitions(list))
}

// resume has partitions read that were just assigned. A pause outlives the
// assignment (run): one that went while it was paused would stay so.
func (r *reader) resume(list []kafka.TopicPartition) {
	if err := r.client.consumer.Resume(list); err != nil {
		r.log.Warn("resuming partitions", "err", err)
		return
	}
	for _, tp := range list {
		r.pace.resumed(partitionOf(tp))
	}
}

// begin starts assignments in the ledger, and sends the messages of the
// partitions to the reader's queue: before they are assigned, so that no message
// takes the other way.
func (r *reader) begin(list []kafka.TopicPartition) {
	for _, tp := range list {
		a := r.ledger.Assign(partitionOf(tp))
		r.pace.add(a, time.Now())
		r.youngest = a.Number
	}
	r.forward(list)
}

func (r *reader) forward(list []kafka.TopicPartition) {
	for _, tp := range list {
		if err := r.client.queue.Forward(*tp.Topic, tp.Partition); err != nil {
			r.fail(err)
		}
	}
}

// placeAgain assigns anew what could not be placed at first, or is refused where
// it was.
func (r *reader) placeAgain() {
	list := r.start.again(time.Now())
	if len(list) == 0 {
		return
	}
	// A rebalance that waits for its callback is served first: the client would
	// take this for the answer.
	before := r.start.rebalances
	r.serve()
	if r.start.rebalances != before {
		return // what still waits is looked up again
	}
	r.begin(r.back(list))
	if err := reassign(r.client.consumer, list, r.start.assigned, r.forward); err != nil {
		r.fail(err)
	}
	r.resume(list)
	r.start.moved(list)
}

// back returns those of a list that are not read on behind what was read of them:
// they need a new assignment. The others keep theirs, with what is on the way of
// them: where Kafka deleted records meanwhile, nobody can read those again.
func (r *reader) back(list []kafka.TopicPartition) (back []kafka.TopicPartition) {
	for _, tp := range list {
		if l := r.pace.lanes[partitionOf(tp)]; l == nil || int64(tp.Offset) < l.next {
			back = append(back, tp)
		}
	}
	return back
}

func (r *reader) revoke(list []kafka.TopicPartition) {
	change := revoked
	if r.client.consumer.AssignmentLost() {
		change = lost
	}
	if change == revoked && !r.stopping() {
		r.settle(list)
	}
	r.start.revoke(list)
	for _, tp := range list {
		p := partitionOf(tp)
		if next, moved := r.leave(p); moved && change == revoked {
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

// partition names a partition of a topic.
type partition = delivery.Partition

func partitionOf(tp kafka.TopicPartition) partition {
	return partition{Topic: *tp.Topic, ID: tp.Partition}
}
