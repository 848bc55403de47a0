package inkafka

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// fakeLog is what a partition of a fake cluster holds: the time of the record
// at each offset from begin on.
type fakeLog struct {
	begin int64
	times []int64
}

func (l fakeLog) end() int64 { return l.begin + int64(len(l.times)) }

// fakeCluster answers a start's questions, and keeps a group's offsets.
type fakeCluster struct {
	logs      map[partition]fakeLog
	committed map[partition]kafka.TopicPartition

	noOffsets, noTopics, noCommits error               // for every question of a kind
	broken                         map[partition]error // for one partition
	beforeTimes                    func()              // runs between the questions
	questions                      int
}

func newFakeCluster() *fakeCluster {
	return &fakeCluster{logs: map[partition]fakeLog{}, committed: map[partition]kafka.TopicPartition{}, broken: map[partition]error{}}
}

func (c *fakeCluster) answer(list []kafka.TopicPartition, err error, f func(partition, *kafka.TopicPartition)) ([]kafka.TopicPartition, error) {
	c.questions++
	if err != nil {
		return nil, err
	}
	out := make([]kafka.TopicPartition, len(list))
	for i, tp := range list {
		p := partitionOf(tp)
		out[i] = tp
		if out[i].Error = c.broken[p]; out[i].Error == nil {
			f(p, &out[i])
		}
	}
	return out, nil
}

func (c *fakeCluster) Committed(list []kafka.TopicPartition, _ int) ([]kafka.TopicPartition, error) {
	return c.answer(list, c.noOffsets, func(p partition, tp *kafka.TopicPartition) {
		tp.Offset = kafka.OffsetInvalid
		if have, ok := c.committed[p]; ok {
			tp.Offset, tp.Metadata = have.Offset, have.Metadata
		}
	})
}

func (c *fakeCluster) OffsetsForTimes(list []kafka.TopicPartition, _ int) ([]kafka.TopicPartition, error) {
	if list[0].Offset >= 0 && c.beforeTimes != nil {
		c.beforeTimes()
	}
	return c.answer(list, c.noOffsets, func(p partition, tp *kafka.TopicPartition) {
		log, ok := c.logs[p]
		switch asked := tp.Offset; {
		case !ok:
			tp.Error = errors.New("no such partition")
		case asked == kafka.OffsetBeginning:
			tp.Offset = kafka.Offset(log.begin)
		case asked == kafka.OffsetEnd:
			tp.Offset = kafka.Offset(log.end())
		default:
			tp.Offset = kafka.OffsetEnd
			for i, at := range log.times {
				if at >= int64(asked) {
					tp.Offset = kafka.Offset(log.begin + int64(i))
					break
				}
			}
		}
	})
}

func (c *fakeCluster) CommitOffsets(list []kafka.TopicPartition) ([]kafka.TopicPartition, error) {
	return c.answer(list, c.noCommits, func(p partition, tp *kafka.TopicPartition) { c.committed[p] = *tp })
}

func (c *fakeCluster) GetMetadata(*string, bool, int) (*kafka.Metadata, error) {
	if c.noTopics != nil {
		return nil, c.noTopics
	}
	topics := map[string]kafka.TopicMetadata{}
	for p := range c.logs {
		topic := topics[p.Topic]
		topic.Partitions = append(topic.Partitions, kafka.PartitionMetadata{ID: p.ID})
		topics[p.Topic] = topic
	}
	return &kafka.Metadata{Topics: topics}, nil
}

// commit is what a delivery commits: without a mark.
func (c *fakeCluster) commit(p partition, offset int64) {
	c.committed[p] = kafka.TopicPartition{Offset: kafka.Offset(offset)}
}

// records fills a partition with records a second apart from a time on.
func (c *fakeCluster) records(p partition, begin int64, n int, from time.Time) {
	log := fakeLog{begin: begin}
	for i := range n {
		log.times = append(log.times, from.Add(time.Duration(i)*time.Second).UnixMilli())
	}
	c.logs[p] = log
}

var (
	startBase          = time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC)
	t0, t1, t2, t3, u0 = partition{Topic: "t", ID: 0}, partition{Topic: "t", ID: 1}, partition{Topic: "t", ID: 2}, partition{Topic: "t", ID: 3}, partition{Topic: "u", ID: 0}
)

// threePartitions have records at offsets 0 to 99, 50 to 149 and none.
func threePartitions() *fakeCluster {
	c := newFakeCluster()
	c.records(t0, 0, 100, startBase)
	c.records(t1, 50, 100, startBase)
	c.records(t2, 7, 0, startBase)
	return c
}

// againOf is a start's next try, all of which is then assigned.
func againOf(s *start, at time.Time) []kafka.TopicPartition {
	list := s.again(at)
	s.moved(list)
	return list
}

// startOf makes a start of options, with what it logs.
func startOf(t *testing.T, c *fakeCluster, given map[string]string) (*start, *bytes.Buffer) {
	t.Helper()
	config, err := parse(with(given))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	s := newStart(&config.read, &knownTopics{}, logger, newStartCounts(nil), newStop(&config.read, logger), nil)
	s.use(c)
	return s, &log
}
