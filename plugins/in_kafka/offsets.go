package inkafka

import (
	"sync"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// partition names a partition of a topic.
type partition struct {
	topic string
	id    int32
}

// mark says that everything of a partition before offset next is in a batch.
type mark struct {
	partition
	assignment uint32 // the assignment under which it was read
	next       int64
}

// offsets knows which partitions are assigned and how far the host has taken
// their records. It is the seam for the delivery ledger: that will answer due
// by what outputs delivered, where this one goes by what was appended.
type offsets struct {
	mu       sync.Mutex
	count    uint32 // assignments so far
	assigned map[partition]*progress
}

// progress is how far an assigned partition has come.
type progress struct {
	assignment uint32
	next       int64 // the first offset that is not appended, -1 before any
	committed  int64 // next as of the last commit
}

func newOffsets() *offsets {
	return &offsets{assigned: map[partition]*progress{}}
}

// assign starts a partition's assignment.
func (o *offsets) assign(p partition) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count++
	o.assigned[p] = &progress{assignment: o.count, next: -1, committed: -1}
}

// revoke ends it: what is appended from now on is not committed, because the
// partition may be another member's.
func (o *offsets) revoke(p partition) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.assigned, p)
}

// assignment returns the number of a partition's present assignment, 0 for
// none.
func (o *offsets) assignment(p partition) uint32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if pr := o.assigned[p]; pr != nil {
		return pr.assignment
	}
	return 0
}

// appended notes that the host took a batch with these marks.
func (o *offsets) appended(marks []mark) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, m := range marks {
		pr := o.assigned[m.partition]
		if pr != nil && pr.assignment == m.assignment && m.next > pr.next {
			pr.next = m.next
		}
	}
}

// due returns the offsets to commit, and takes them for committed.
func (o *offsets) due() []kafka.TopicPartition {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []kafka.TopicPartition
	for p, pr := range o.assigned {
		if pr.next > pr.committed {
			pr.committed = pr.next
			list = append(list, kafka.TopicPartition{Topic: &p.topic, Partition: p.id, Offset: kafka.Offset(pr.next)})
		}
	}
	return list
}

// uncommitted takes back what due returned: the commit failed.
func (o *offsets) uncommitted(list []kafka.TopicPartition) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, tp := range list {
		if pr := o.assigned[partition{*tp.Topic, tp.Partition}]; pr != nil && pr.committed == int64(tp.Offset) {
			pr.committed = -1
		}
	}
}
