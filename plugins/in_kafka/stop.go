package inkafka

import (
	"log/slog"
	"slices"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// stop is stop_at end: it knows up to where each partition is to be read, and
// says when all of it was delivered. A nil stop never ends anything.
//
// A partition is at its end when a message came from there or later, or when the
// client says that the partition ends there: the last offsets of a transaction
// are no messages, so that the last message does not tell. The ends stay as they
// were found when the partition first came to this agent, also when it goes and
// comes back.
//
// It belongs to the reader's goroutine.
type stop struct {
	log     *slog.Logger
	ends    map[partition]int64
	left    map[partition]struct{} // assigned, and not at their end
	reached map[partition]struct{} // assigned, and at their end
	said    bool

	fresh   []partition // reached since newlyReached
	last    partition   // the one asked for last, and its end
	lastEnd int64
}

// newStop returns nil unless the option is set.
func newStop(c *readConfig, log *slog.Logger) *stop {
	if c.StopAt != stopEnd {
		return nil
	}
	return &stop{log: log, ends: map[partition]int64{}, left: map[partition]struct{}{}, reached: map[partition]struct{}{}}
}

func (s *stop) knows(p partition) bool {
	_, ok := s.ends[p]
	return ok
}

// learn sets a partition's end.
func (s *stop) learn(p partition, end int64) { s.ends[p] = end }

// assign takes a partition that is read from an offset on.
func (s *stop) assign(p partition, from int64) {
	if s == nil {
		return
	}
	delete(s.reached, p)
	s.left[p] = struct{}{}
	s.said = false
	s.at(p, from)
}

// revoke forgets a partition that goes, but not its end.
func (s *stop) revoke(p partition) {
	if s == nil {
		return
	}
	delete(s.left, p)
	delete(s.reached, p)
}

// admits reports whether a message is to be read: false from the end on.
func (s *stop) admits(p partition, offset int64) bool {
	if s == nil {
		return true
	}
	if p != s.last || s.lastEnd == 0 {
		// Messages of a partition come in runs.
		end, ok := s.ends[p]
		if !ok {
			return true
		}
		s.last, s.lastEnd = p, end
	}
	if offset+1 >= s.lastEnd {
		s.at(p, offset+1)
	}
	return offset < s.lastEnd
}

// at notes that there is nothing of a partition before an offset that was not
// read: for the client's ErrPartitionEOF, with the offset of that event.
func (s *stop) at(p partition, offset int64) {
	if s == nil || offset < s.ends[p] {
		return
	}
	if _, ok := s.left[p]; ok {
		delete(s.left, p)
		s.reached[p] = struct{}{}
		s.fresh = append(s.fresh, p)
	}
}

// newlyReached returns the partitions that came to their end since the last
// call. The reader pauses them, else the client would fetch on for nothing.
func (s *stop) newlyReached() []kafka.TopicPartition {
	if s == nil || len(s.fresh) == 0 {
		return nil
	}
	list := topicPartitions(slices.DeleteFunc(s.fresh, func(p partition) bool { return !s.isReached(p) }), kafka.OffsetInvalid)
	s.fresh = nil
	return list
}

// isReached reports whether a partition is at its end, and so is to stay paused.
func (s *stop) isReached(p partition) bool {
	if s == nil {
		return false
	}
	_, ok := s.reached[p]
	return ok
}

// idle says once that all was delivered, where that is so; inFlight tells
// whether something that was read was not.
func (s *stop) idle(inFlight func() bool) bool {
	if s == nil || len(s.left) > 0 || len(s.reached) == 0 {
		return false
	}
	if !s.said {
		if inFlight() {
			return false
		}
		s.said = true
		s.log.Info("stop_at end: everything up to the ends of the partitions is delivered, this input is idle now", "partitions", len(s.reached))
	}
	return true
}
