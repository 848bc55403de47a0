package inkafka

import (
	"math"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// newTestReader is a reader that commits what was appended, of one partition.
func newTestReader(t *testing.T) (*reader, *delivery.Assignment) {
	t.Helper()
	l := delivery.NewLedger(delivery.NewRegistry(time.Now()), delivery.Options{Until: delivery.Appended, MaxInFlight: 1 << 20})
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	r := &reader{
		ledger:  l,
		pace:    newPace(30*time.Minute, 64<<20),
		tags:    newTags(""),
		filling: fillings{byTag: map[string]*delivery.Batch{}},
	}
	a := l.Assign(t0)
	r.youngest = a.Number
	r.pace.add(a, time.Now())
	return r, a
}

// TestEndIsPassed holds that a transaction's last offsets, which are no messages,
// are passed also behind records that are held.
func TestEndIsPassed(t *testing.T) {
	for name, limit := range map[string]int64{"held": 0, "not held": math.MaxInt64} {
		r, a := newTestReader(t)
		r.pace.limit, r.pace.now = limit, time.Now()
		b := r.batchFor(t0)
		start := len(b.Events)
		b.Events = append(b.Events, 1)
		m := rdkafka.Message{Topic: t0.Topic, Partition: t0.ID, Offset: 4}
		r.place(b, start, a, &m, &outcome{time: 1234})
		m.Offset = 6 // behind the message and the transaction's end
		r.ended(&m, r.youngest)
		held := r.pace.lane(a).held
		if len(held) == 1 != (limit == 0) {
			t.Fatalf("%s: %d batches are held", name, len(held))
		}
		if len(held) > 0 {
			b = held[0].Batch
		}
		if !r.ledger.Add(b, time.Now()) {
			t.Fatalf("%s: nothing to append", name)
		}
		r.ledger.Appended(b, time.Now())
		if got := r.ledger.Commit(nil); len(got) != 1 || got[0].Next != 6 {
			t.Errorf("%s: %v may be committed, want 6", name, got)
		}
	}
}

// TestRefusedKeepsWhatIsRead holds that a partition whose records were deleted
// before they were read goes on with what is on the way of it, and that one which
// was made anew does not.
func TestRefusedKeepsWhatIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		begin, end int64 // of the partition now
		refused    int64
		from       int64
		back       bool
	}{
		"deleted":                    {begin: 50, end: 60, refused: 5, from: 50},
		"there after all":            {begin: 0, end: 60, refused: 5, from: 5},
		"there, and fetched in part": {begin: 0, end: 60, refused: 9, from: 5},
		"made anew":                  {begin: 0, end: 2, refused: 5, from: 0, back: true},
	} {
		r, a := newTestReader(t)
		cluster := newFakeCluster()
		cluster.records(t0, c.begin, int(c.end-c.begin), startBase)
		r.start, _ = startOf(t, cluster, nil)
		b := r.batchFor(t0)
		b.Events = append(b.Events, 1)
		m := rdkafka.Message{Topic: t0.Topic, Partition: t0.ID, Offset: 4}
		r.place(b, 0, a, &m, &outcome{time: 1234})
		m.Offset = c.refused
		r.refused(&m)
		list := r.start.again(time.Now())
		if len(list) != 1 || int64(list[0].Offset) != c.from {
			t.Errorf("%s: reading goes on at %v, want %d", name, list, c.from)
		}
		if back := r.back(list); len(back) == 1 != c.back {
			t.Errorf("%s: %v get a new assignment", name, back)
		}
	}
}

// TestAbandonForgetsPartitions holds that partitions of a client that broke are
// neither waited for by stop_at end nor measured any more: another member may
// have them now.
func TestAbandonForgetsPartitions(t *testing.T) {
	r, a := newTestReader(t)
	c := threePartitions()
	r.start, _ = startOf(t, c, map[string]string{"stop_at": "end"})
	r.end = r.start.stop
	r.counts = newCounts(nil)
	r.commits = r.counts.commits
	r.start.place(topicPartitions([]partition{t0}, kafka.OffsetInvalid))
	r.commits.stored(time.Now(), []delivery.Offset{{Partition: t0, Next: 1}})
	r.abandon()
	if r.ledger.Assigned(t0.Topic, t0.ID) != nil || r.pace.lanes[a.Partition] != nil || len(r.commits.waits) > 0 {
		t.Error("the partition is not forgotten")
	}
	r.start.use(c)
	r.start.place(topicPartitions([]partition{t2}, kafka.OffsetInvalid)) // which is empty
	if !r.end.idle(no) {
		t.Error("stop_at end waits for a partition that is not assigned")
	}
}
