package inkafka

import (
	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/tidegate/tidegate/common/metric"
)

// reset is why reading could not go on where it was.
type reset uint8

const (
	// resetDeleted: the records there were deleted before they were read.
	resetDeleted reset = iota
	// resetShort: the partition ends before.
	resetShort

	numResets
)

var resetNames = [numResets]string{"deleted", "short"}

// startCounts are what start counts.
type startCounts struct {
	resets  []prometheus.Counter
	deleted prometheus.Counter
}

func newStartCounts(reg prometheus.Registerer) *startCounts {
	const prefix = "tidegate_kafka_input"
	return &startCounts{
		resets: metric.ByLabel(reg, prefix+"_offset_resets_total",
			"Times that a partition had no longer, or not yet, the offset to read at.", "reason", resetNames[:]),
		deleted: promauto.With(reg).NewCounter(prometheus.CounterOpts{
			Name: prefix + "_offsets_deleted_total", Help: "Offsets that Kafka deleted before they were read: at most so many records are lost.",
		}),
	}
}

// recover finds where to go on with partitions whose offset the brokers refused.
// That is their oldest record, whatever start_at says: behind the last one it
// would pass over records that can still be read.
func (s *start) recover(list []partition) []kafka.TopicPartition {
	if len(list) == 0 {
		return nil
	}
	ask := s.asker()
	begins := ask.offsets(list, kafka.OffsetBeginning)
	ends := ask.offsets(list, kafka.OffsetEnd)
	var out []kafka.TopicPartition
	for _, p := range list {
		begin, found := begins[p]
		end, both := ends[p]
		if !found || !both {
			continue
		}
		at := s.waiting[p]
		to := at // it is there after all: a replica was behind, or the log was cut and this is where
		if at < begin || at > end {
			to = begin
			s.reset(p, at, begin, end)
		}
		s.stop.assign(p, int64(to))
		out = append(out, kafka.TopicPartition{Topic: &p.Topic, Partition: p.ID, Offset: to})
	}
	return out
}

// reset tells of an offset that is outside of its partition.
func (s *start) reset(p partition, at, begin, end kafka.Offset) {
	log := s.log.With("topic", p.Topic, "partition", p.ID, "from", int64(at), "to", int64(begin))
	if at < begin {
		lost := int64(begin - at)
		s.counts.resets[resetDeleted].Inc()
		s.counts.deleted.Add(float64(lost))
		log.Error("offsets were deleted before they were read, by the topic's retention or by hand; reading goes on at the oldest record that is left", "lost", lost)
		return
	}
	s.counts.resets[resetShort].Inc()
	log.Error("a partition ends before the offset to read at: its topic was made anew, or lost records; reading goes on at its oldest record", "end", int64(end))
}
