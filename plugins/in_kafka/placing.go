package inkafka

import (
	"maps"
	"slices"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// lookUp finds where partitions start, those it cannot find out left out.
func (s *start) lookUp(list []partition) map[partition]kafka.TopicPartition {
	if len(list) == 0 {
		return nil
	}
	ask := s.asker()
	committed := ask.committed(list)
	placed := map[partition]kafka.TopicPartition{}
	var fresh []partition
	for p, c := range committed {
		c.Metadata = nil // the mark of a start is no mark of what follows
		pinned, isPinned := s.pins[p]
		switch {
		case s.force && !s.forced[p]:
			fresh = append(fresh, p)
		case isPinned && pinned.was == c.Offset:
			// Nothing was committed since: the group still has the offset from before.
			c.Offset, c.LeaderEpoch = pinned.at, nil
			placed[p] = c
		case c.Offset >= 0:
			placed[p] = c
		default:
			fresh = append(fresh, p)
		}
	}
	begun := s.begin(&ask, fresh, committed, placed)
	s.end(&ask, placed)
	s.pin(placed, committed, begun)
	if missing := len(list) - len(placed); missing > 0 {
		if _, due := s.unplaced.Add(time.Now(), 1); due {
			s.log.Warn("cannot find out where to start with partitions; they wait, trying on", "partitions", missing, "err", ask.err)
		}
	}
	return placed
}

// begin places partitions that do not go on at a committed offset, and returns
// those it could place.
func (s *start) begin(ask *asker, fresh []partition, committed, placed map[partition]kafka.TopicPartition) []partition {
	bySpec := map[kafka.Offset][]partition{}
	for p, spec := range s.specs(ask, fresh) {
		bySpec[spec] = append(bySpec[spec], p)
	}
	var begun []partition
	for spec, list := range bySpec {
		offsets := ask.offsets(list, spec)
		for p, offset := range offsets {
			tp := committed[p]
			tp.Offset, tp.LeaderEpoch, tp.Metadata = offset, nil, nil
			placed[p] = tp
			begun = append(begun, p)
		}
		if len(offsets) > 0 {
			s.logBegin(spec, slices.Collect(maps.Keys(offsets)), committed)
		}
	}
	return begun
}

// specs says from where each partition is to be read that starts afresh.
func (s *start) specs(ask *asker, fresh []partition) map[partition]kafka.Offset {
	specs := map[partition]kafka.Offset{}
	if s.spec == kafka.OffsetBeginning || len(fresh) == 0 {
		for _, p := range fresh {
			specs[p] = kafka.OffsetBeginning
		}
		return specs
	}
	known, err := s.topics.counts(s.client, ask.timeout)
	if err != nil {
		ask.err = err
		return nil
	}
	begun := map[string]bool{}
	for _, p := range fresh {
		if int(p.ID) >= known[p.Topic] {
			specs[p] = kafka.OffsetBeginning // made or allowed since this agent's start
			continue
		}
		if s.force {
			specs[p] = s.spec
			continue
		}
		has, asked := begun[p.Topic]
		if !asked {
			var ok bool
			if has, ok = s.hasBegun(ask, p.Topic, known[p.Topic]); !ok {
				continue
			}
			begun[p.Topic] = has
		}
		if specs[p] = s.spec; has {
			specs[p] = kafka.OffsetBeginning // made while no agent ran that would know
		}
	}
	return specs
}

// hasBegun reports whether the group has gone on in a topic since it started
// with it: then a partition without an offset is younger than that.
//
// Members of a group that starts come to this at about the same moment, and the
// first one's starts must not make the others think so. Those are marked for it.
func (s *start) hasBegun(ask *asker, topic string, partitions int) (begun, ok bool) {
	all := make([]partition, partitions)
	for i := range all {
		all[i] = partition{Topic: topic, ID: int32(i)}
	}
	committed := ask.committed(all)
	now := time.Now()
	for _, c := range committed {
		if c.Offset >= 0 && !isFreshStart(c.Metadata, now) {
			return true, true
		}
	}
	return false, len(committed) == partitions
}

// end tells stop the ends of partitions that it does not know, and takes those
// back whose end cannot be found out: they would be read without one.
func (s *start) end(ask *asker, placed map[partition]kafka.TopicPartition) {
	if s.stop == nil {
		return
	}
	var unknown []partition
	for p := range placed {
		if !s.stop.knows(p) {
			unknown = append(unknown, p)
		}
	}
	ends := ask.offsets(unknown, kafka.OffsetEnd)
	for _, p := range unknown {
		if end, ok := ends[p]; ok {
			s.stop.learn(p, int64(end))
		} else {
			delete(placed, p)
		}
	}
	for p, tp := range placed {
		s.stop.assign(p, int64(tp.Offset))
	}
}

// pin commits starts.
func (s *start) pin(placed, committed map[partition]kafka.TopicPartition, begun []partition) {
	mark := startMark(time.Now())
	var list []kafka.TopicPartition
	for _, p := range begun {
		tp, ok := placed[p]
		if !ok {
			continue
		}
		s.forced[p] = s.force
		s.pins[p] = pin{at: tp.Offset, was: committed[p].Offset}
		list = append(list, kafka.TopicPartition{Topic: tp.Topic, Partition: tp.Partition, Offset: tp.Offset, Metadata: &mark})
	}
	if len(list) == 0 {
		return
	}
	done, err := s.client.CommitOffsets(list)
	if err != nil {
		// Another rebalance has begun, say. The first commit of a delivery does
		// the same, and this agent remembers until then.
		s.log.Debug("starts were not committed", "err", err)
		return
	}
	for _, tp := range done {
		if tp.Error == nil {
			delete(s.pins, partitionOf(tp))
		}
	}
}

// logBegin says where the reading of partitions starts that have no offset to
// go on at.
func (s *start) logBegin(spec kafka.Offset, list []partition, committed map[partition]kafka.TopicPartition) {
	partitions := make([]kafka.TopicPartition, len(list))
	for i, p := range list {
		partitions[i] = committed[p]
	}
	where := s.at.String()
	if spec != s.spec {
		where = "their beginning, because they were made after the group had started"
	}
	s.log.Info("partitions start afresh", "at", where, "force", s.force, "partitions", formatPartitions(partitions))
}
