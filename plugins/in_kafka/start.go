package inkafka

import (
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/throttle"
)

const (
	// askFor bounds a question to the brokers, on top of fetch.wait.max.ms: a
	// broker answers one request of a connection after the other, and a fetch
	// that waits for records may go before. The reading waits meanwhile, and in
	// the rebalance callback the whole group does; so after the first question
	// without an answer the others are not asked, and it is all tried again.
	askFor = 1500 * time.Millisecond
	// placeAgainAfter is how long partitions wait that could not be placed,
	// doubled up to the second one.
	placeAgainAfter, placeAgainAtMost = time.Second, 10 * time.Second
)

// startClient is the consumer, as far as start asks it.
type startClient interface {
	Committed(list []kafka.TopicPartition, timeoutMs int) ([]kafka.TopicPartition, error)
	OffsetsForTimes(list []kafka.TopicPartition, timeoutMs int) ([]kafka.TopicPartition, error)
	CommitOffsets(list []kafka.TopicPartition) ([]kafka.TopicPartition, error)
	topicLister
}

// start decides where the reading of a partition starts. librdkafka is never
// left to decide: each partition is assigned at an offset that was looked up,
// or at none, and then it waits.
//
//   - With a committed offset it starts there, unless start_at_force.
//   - Without one it starts at start_at, and that offset is committed at once:
//     else a rebalance or restart before the first delivery would look start_at
//     up again, and with latest or -1h pass over records in silence.
//   - One that was made later, after the agent's start or after the group had
//     begun with its topic, starts at its beginning whatever start_at says: its
//     first records were written before anybody knew of it. Kafka's own latest
//     loses those.
//   - Where the brokers do not answer, and where they refuse an offset, it
//     waits: again looks it up, for as long as it takes.
//
// Its methods belong to the reader's goroutine, but for topics'.
type start struct {
	client startClient
	topics *knownTopics
	log    *slog.Logger
	counts *startCounts
	at     startPoint
	spec   kafka.Offset // start_at, as the brokers are asked for it
	force  bool
	stop   *stop           // nil unless stop_at end
	over   <-chan struct{} // closed when the input ends
	askFor time.Duration

	assigned map[partition]kafka.Offset // with the offset it was assigned at
	forced   map[partition]bool         // came under force before
	// pins are starts that could not be committed.
	pins map[partition]pin
	// waiting are assigned partitions that are not read: at the offset that the
	// brokers refused, or OffsetInvalid where none was looked up yet.
	waiting map[partition]kafka.Offset
	next    time.Time     // of the next try
	pause   time.Duration // after that

	rebalances int // so far
	unplaced   throttle.Line
}

// pin is where a partition starts while the group has another offset for it.
type pin struct {
	at  kafka.Offset
	was kafka.Offset // what was committed then
}

// newStart returns a start that use gives a client.
func newStart(c *readConfig, topics *knownTopics, log *slog.Logger, counts *startCounts, s *stop, over <-chan struct{}) *start {
	return &start{
		topics:   topics,
		log:      log,
		counts:   counts,
		at:       c.StartAt,
		spec:     c.StartAt.spec(time.Now()),
		force:    c.Force,
		stop:     s,
		over:     over,
		askFor:   askFor + c.fetchWait,
		forced:   map[partition]bool{},
		assigned: map[partition]kafka.Offset{},
		pins:     map[partition]pin{},
		waiting:  map[partition]kafka.Offset{},
		pause:    placeAgainAfter,
	}
}

// use makes c the client to ask. One that took another's place has nothing
// assigned.
func (s *start) use(c startClient) {
	s.client = c
	clear(s.assigned)
	clear(s.waiting)
}

// place returns the partitions with the offsets to assign them at: for the
// rebalance callback. One that could not be placed has OffsetInvalid, at which
// librdkafka reads nothing and reports ErrAutoOffsetReset; it waits for again.
func (s *start) place(list []kafka.TopicPartition) []kafka.TopicPartition {
	s.rebalances++
	wanted := make([]partition, len(list))
	for i, tp := range list {
		wanted[i] = partitionOf(tp)
	}
	placed := s.lookUp(wanted)
	out := make([]kafka.TopicPartition, len(list))
	for i, p := range wanted {
		tp, ok := placed[p]
		if !ok {
			tp = kafka.TopicPartition{Topic: list[i].Topic, Partition: p.ID, Offset: kafka.OffsetInvalid}
			s.wait(p, kafka.OffsetInvalid)
		}
		s.assigned[p] = tp.Offset
		out[i] = tp
	}
	return out
}

// revoke forgets partitions that go.
func (s *start) revoke(list []kafka.TopicPartition) {
	s.rebalances++
	for _, tp := range list {
		p := partitionOf(tp)
		delete(s.waiting, p)
		delete(s.assigned, p)
		s.stop.revoke(p)
	}
}

// refused takes an ErrAutoOffsetReset of an assigned partition, with the
// event's offset and text.
func (s *start) refused(p partition, offset int64, text string) {
	if offset < 0 {
		// It was assigned at none, and waits already.
		if _, waits := s.waiting[p]; !waits {
			s.wait(p, kafka.OffsetInvalid)
		}
		return
	}
	s.log.Warn("the brokers refuse an offset", "topic", p.Topic, "partition", p.ID, "offset", offset, "err", text)
	s.wait(p, kafka.Offset(offset))
}

func (s *start) wait(p partition, offset kafka.Offset) {
	if len(s.waiting) == 0 {
		s.next, s.pause = time.Now(), placeAgainAfter
	}
	s.waiting[p] = offset
}

// again looks up what waits, when it is time to. The partitions that it returns
// are for reassign and then for moved; a seek does not wake a partition that librdkafka has given
// up (run: ERR__STATE).
func (s *start) again(now time.Time) []kafka.TopicPartition {
	if len(s.waiting) == 0 || now.Before(s.next) {
		return nil
	}
	var unplaced, refused []partition
	for p, offset := range s.waiting {
		if offset < 0 {
			unplaced = append(unplaced, p)
		} else {
			refused = append(refused, p)
		}
	}
	list := s.recover(refused)
	for _, tp := range s.lookUp(unplaced) {
		list = append(list, tp)
	}
	s.next = time.Now().Add(s.pause)
	s.pause = min(2*s.pause, placeAgainAtMost)
	return list
}

// moved takes partitions of again that were assigned.
func (s *start) moved(list []kafka.TopicPartition) {
	for _, tp := range list {
		p := partitionOf(tp)
		delete(s.waiting, p)
		s.assigned[p] = tp.Offset
	}
}
