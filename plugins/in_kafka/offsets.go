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
	// records and bytes are what the batch holds of the partition.
	records, bytes int
}

// offsets knows which partitions are assigned, and so which marks may be
// committed. It is the seam for the delivery ledger: that will release a mark
// once outputs have delivered its records, where Collect does so once the host
// has taken them.
type offsets struct {
	mu       sync.Mutex
	count    uint32               // assignments so far
	assigned map[partition]uint32 // the number of its assignment
}

func newOffsets() *offsets {
	return &offsets{assigned: map[partition]uint32{}}
}

// assign starts a partition's assignment.
func (o *offsets) assign(p partition) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.count++
	o.assigned[p] = o.count
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
	return o.assigned[p]
}

// current returns the offsets of those marks whose assignment still holds.
func (o *offsets) current(marks []mark) []kafka.TopicPartition {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := make([]kafka.TopicPartition, 0, len(marks))
	for _, m := range marks {
		if o.assigned[m.partition] == m.assignment {
			list = append(list, kafka.TopicPartition{Topic: &m.topic, Partition: m.id, Offset: kafka.Offset(m.next)})
		}
	}
	return list
}
