package inkafka

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// TestRevokeSettles holds that a partition that goes to another member in good
// order waits for what is on the way of it, but not for long, and that the
// watermark is then with the client, which commits it: 0 is where it started.
func TestRevokeSettles(t *testing.T) {
	t.Parallel()
	const soon, never = 300 * time.Millisecond, time.Hour
	for name, c := range map[string]struct {
		first, second time.Duration // when batches of 5 offsets each are delivered
		stopped       bool
		committed     kafka.Offset
		least, most   time.Duration // that it takes
	}{
		"all delivered":         {committed: 10, most: time.Second},
		"delivered soon":        {second: soon, committed: 10, least: soon, most: settleWithin},
		"never delivered":       {first: never, second: never, least: settleWithin, most: 2 * settleWithin},
		"the first delivered":   {second: never, committed: 5, least: settleWithin, most: 2 * settleWithin},
		"the second delivered":  {first: never, least: settleWithin, most: 2 * settleWithin},
		"the agent stops":       {first: never, second: never, stopped: true, most: time.Second},
		"the agent stops later": {second: never, stopped: true, committed: 5, most: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, a, consumer := newTestMember(t)
			for i, after := range []time.Duration{c.first, c.second} {
				b := batchOf(r, a, int64(5*i), 5)
				if after == 0 {
					r.ledger.Appended(b, time.Now()) // which is delivery here
					continue
				}
				defer time.AfterFunc(after, func() { r.ledger.Appended(b, time.Now()) }).Stop()
			}
			if c.stopped {
				close(r.stop)
			}
			begin := time.Now()
			r.revoke(topicPartitions([]partition{t0}, 0))
			if took := time.Since(begin); took < c.least || took > c.most {
				t.Errorf("took %s, want %s to %s", took, c.least, c.most)
			}
			if got := committedOf(t, consumer); got != c.committed {
				t.Errorf("%v is committed, want %v", got, c.committed)
			}
			if r.ledger.Assigned(t0.Topic, t0.ID) != nil {
				t.Error("the partition is still this member's")
			}
		})
	}
}

// newTestMember is a test reader whose client has the partition.
func newTestMember(t *testing.T) (*reader, *delivery.Assignment, *kafka.Consumer) {
	t.Helper()
	consumer, err := kafka.NewConsumer(&kafka.ConfigMap{
		"bootstrap.servers": mockKafka(t, t0.Topic), "group.id": "g", "enable.auto.commit": false, "enable.auto.offset.store": false,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = consumer.Close() })
	if err := consumer.Assign(topicPartitions([]partition{t0}, 0)); err != nil {
		t.Fatal(err)
	}
	r, a := newTestReader(t)
	r.config = &Config{deliveryConfig: newDeliveryConfig()}
	r.client = &client{consumer: consumer}
	r.start, _ = startOf(t, newFakeCluster(), nil)
	r.counts = newCounts(nil)
	r.commits = r.counts.commits
	r.log = slog.New(slog.DiscardHandler)
	r.stop = make(chan struct{})
	return r, a, consumer
}

// batchOf is a batch of count offsets that is on its way.
func batchOf(r *reader, a *delivery.Assignment, from int64, count int) *delivery.Batch {
	b := r.ledger.Batch("")
	for i := range count {
		start := len(b.Events)
		b.Events = append(b.Events, 1)
		m := rdkafka.Message{Topic: a.Topic, Partition: a.ID, Offset: from + int64(i)}
		r.place(b, start, a, &m, &outcome{time: 1234})
	}
	r.ledger.Add(b, time.Now())
	return b
}

// committedOf has a client commit what is stored with it, and gives what the
// group then has.
func committedOf(t *testing.T, c *kafka.Consumer) kafka.Offset {
	t.Helper()
	_, err := c.Commit()
	if e, is := errors.AsType[kafka.Error](err); err != nil && (!is || e.Code() != kafka.ErrNoOffset) {
		t.Fatal(err)
	}
	got, err := c.Committed(topicPartitions([]partition{t0}, kafka.OffsetInvalid), 5000)
	if err != nil {
		t.Fatal(err)
	}
	return got[0].Offset
}
