package inkafka

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// wantPlaced has a start place partitions, and compares where.
func wantPlaced(t *testing.T, what string, s *start, want map[partition]int64) {
	t.Helper()
	var list []partition
	for p := range want {
		list = append(list, p)
	}
	wantOffsets(t, what, s.place(topicPartitions(list, kafka.OffsetInvalid)), want)
}

func wantOffsets(t *testing.T, what string, got []kafka.TopicPartition, want map[partition]int64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d partitions, want %d", what, len(got), len(want))
	}
	for _, tp := range got {
		if p := (partitionOf(tp)); int64(tp.Offset) != want[p] {
			t.Errorf("%s: %s[%d] at %d, want %d", what, p.Topic, p.ID, int64(tp.Offset), want[p])
		}
	}
}

const none = int64(kafka.OffsetInvalid)

func TestStartWithoutOffsets(t *testing.T) {
	for at, want := range map[string]map[partition]int64{
		"earliest":                {t0: 0, t1: 50, t2: 7},
		"latest":                  {t0: 100, t1: 150, t2: 7},
		"2026-03-01T06:00:10Z":    {t0: 10, t1: 60, t2: 7},
		"2026-03-01T05:00:00Z":    {t0: 0, t1: 50, t2: 7},
		"2026-03-01T06:00:09.01Z": {t0: 10, t1: 60, t2: 7},
		"2026-03-01T07:00:00Z":    {t0: 100, t1: 150, t2: 7},
		"2096-03-01T07:00:00Z":    {t0: 100, t1: 150, t2: 7},
	} {
		c := threePartitions()
		s, log := startOf(t, c, map[string]string{"start_at": at})
		wantPlaced(t, at, s, want)
		for p, offset := range want {
			if got := c.committed[p]; int64(got.Offset) != offset || !isFreshStart(got.Metadata, time.Now()) {
				t.Errorf("%s: %v has %d committed, want %d with a mark", at, p, int64(got.Offset), offset)
			}
		}
		if !strings.Contains(log.String(), "at="+at) || !strings.Contains(log.String(), "t[0 1 2]") {
			t.Errorf("%s: the log says\n%s", at, log)
		}
	}
}

func TestStartFollowsTheCommits(t *testing.T) {
	c := threePartitions()
	c.commit(t0, 42)
	c.commit(t1, 0) // deleted since: the brokers will refuse it, aloud
	s, _ := startOf(t, c, map[string]string{"start_at": "latest"})
	wantPlaced(t, "committed", s, map[partition]int64{t0: 42, t1: 0})
}

// TestStartBehindTheLastRecord holds that a record which comes between the
// questions is not passed.
func TestStartBehindTheLastRecord(t *testing.T) {
	c := threePartitions()
	at := startBase.Add(time.Hour)
	c.beforeTimes = func() {
		log := c.logs[t0]
		log.times = append(log.times, at.Add(-time.Second).UnixMilli())
		c.logs[t0] = log
	}
	s, _ := startOf(t, c, map[string]string{"start_at": at.Format(time.RFC3339)})
	wantPlaced(t, "behind the last", s, map[partition]int64{t0: 100})
}

func TestStartOfLaterPartitions(t *testing.T) {
	// The topic grows while the agent runs.
	c := threePartitions()
	s, log := startOf(t, c, map[string]string{"start_at": "latest"})
	wantPlaced(t, "at first", s, map[partition]int64{t0: 100, t1: 150, t2: 7})
	c.records(t3, 0, 5, startBase)
	c.records(u0, 0, 5, startBase)
	wantPlaced(t, "made later", s, map[partition]int64{t3: 0, u0: 0})
	if !strings.Contains(log.String(), "made after the group had started") {
		t.Errorf("the log says\n%s", log)
	}

	// It grew while no agent ran.
	c = threePartitions()
	c.commit(t0, 42)
	c.records(t3, 0, 5, startBase)
	s, _ = startOf(t, c, map[string]string{"start_at": "latest"})
	wantPlaced(t, "made between", s, map[partition]int64{t0: 42, t3: 0})

	// Another member of a group that starts was faster.
	c = threePartitions()
	other, _ := startOf(t, c, map[string]string{"start_at": "latest"})
	wantPlaced(t, "the other member", other, map[partition]int64{t0: 100})
	s, _ = startOf(t, c, map[string]string{"start_at": "latest"})
	wantPlaced(t, "this member", s, map[partition]int64{t1: 150})
}

func TestStartForced(t *testing.T) {
	c := threePartitions()
	c.commit(t0, 90)
	c.commit(t1, 140)
	s, _ := startOf(t, c, map[string]string{"start_at": "2026-03-01T06:00:10Z", "start_at_force": "on"})
	wantPlaced(t, "first", s, map[partition]int64{t0: 10, t1: 60})
	s.revoke(topicPartitions([]partition{t0, t1}, 0))
	c.commit(t0, 20)
	wantPlaced(t, "after a rebalance", s, map[partition]int64{t0: 20, t1: 60, t2: 7})
}

// TestStartNotCommitted holds that a start is kept which could not be committed,
// until something else is.
func TestStartNotCommitted(t *testing.T) {
	c := threePartitions()
	c.commit(t0, 90)
	c.noCommits = errors.New("rebalance in progress")
	s, _ := startOf(t, c, map[string]string{"start_at": "-1m", "start_at_force": "on"})
	s.spec = kafka.Offset(startBase.Add(10 * time.Second).UnixMilli())
	wantPlaced(t, "first", s, map[partition]int64{t0: 10, t1: 60})
	wantPlaced(t, "again", s, map[partition]int64{t0: 10, t1: 60})
	c.commit(t0, 11)
	c.commit(t1, 61)
	wantPlaced(t, "after deliveries", s, map[partition]int64{t0: 11, t1: 61})
}

// TestStartWaits holds that what cannot be looked up is read from nowhere, and
// placed later.
func TestStartWaits(t *testing.T) {
	down := errors.New("no broker answers")
	for what, fail := range map[string]func(c *fakeCluster, err error){
		"offsets":       func(c *fakeCluster, err error) { c.noOffsets = err },
		"topics":        func(c *fakeCluster, err error) { c.noTopics = err },
		"one partition": func(c *fakeCluster, err error) { c.broken[t0] = err },
	} {
		c := threePartitions()
		s, log := startOf(t, c, map[string]string{"start_at": "latest"})
		fail(c, down)
		wantPlaced(t, what, s, map[partition]int64{t0: none})
		s.refused(t0, none, "no offset")
		if got := againOf(s, time.Now().Add(time.Minute)); len(got) != 0 {
			t.Errorf("%s: placed at %v while the brokers are away", what, got)
		}
		if !strings.Contains(log.String(), down.Error()) {
			t.Errorf("%s: the log says\n%s", what, log)
		}
		fail(c, nil)
		if got := againOf(s, time.Now()); len(got) != 0 {
			t.Errorf("%s: asked again at once", what)
		}
		wantOffsets(t, what, againOf(s, time.Now().Add(time.Minute)), map[partition]int64{t0: 100})
		if got := againOf(s, time.Now().Add(time.Hour)); len(got) != 0 || s.assigned[t0] != 100 {
			t.Errorf("%s: still waits: %v", what, got)
		}
	}
}

func TestStartForgetsWhatIsRevoked(t *testing.T) {
	c := threePartitions()
	s, _ := startOf(t, c, nil)
	c.noOffsets = errors.New("no broker answers")
	wantPlaced(t, "away", s, map[partition]int64{t0: none})
	s.revoke(topicPartitions([]partition{t0}, 0))
	c.noOffsets = nil
	if got := againOf(s, time.Now().Add(time.Hour)); len(got) != 0 {
		t.Errorf("a revoked partition is placed: %v", got)
	}
}

// TestStartWaitsUntilMoved holds that what was looked up and not assigned, because
// a rebalance came between, is looked up again.
func TestStartWaitsUntilMoved(t *testing.T) {
	c := threePartitions()
	s, _ := startOf(t, c, nil)
	c.noOffsets = errors.New("no broker answers")
	wantPlaced(t, "away", s, map[partition]int64{t0: none, t1: none})
	c.noOffsets = nil
	later := time.Now().Add(time.Minute)
	wantOffsets(t, "not moved", s.again(later), map[partition]int64{t0: 0, t1: 50})
	rebalances := s.rebalances
	s.revoke(topicPartitions([]partition{t0}, 0))
	if s.rebalances == rebalances {
		t.Error("a rebalance does not show")
	}
	wantOffsets(t, "one is left", againOf(s, later.Add(time.Minute)), map[partition]int64{t1: 50})
	wantOffsets(t, "none is left", againOf(s, later.Add(time.Hour)), nil)
}

func TestStartAsksNothingAtTheEnd(t *testing.T) {
	c := threePartitions()
	s, _ := startOf(t, c, nil)
	over := make(chan struct{})
	close(over)
	s.over = over
	wantPlaced(t, "over", s, map[partition]int64{t0: none})
	if c.questions != 0 {
		t.Errorf("%d questions at the end", c.questions)
	}
}

func TestOutOfRange(t *testing.T) {
	for _, c := range []struct {
		at, want int64
		words    string
	}{
		{0, 50, "deleted before they were read"},
		{49, 50, "lost=1"},
		{50, 50, ""},
		{150, 150, ""},
		{151, 50, "made anew"},
	} {
		cluster := threePartitions()
		s, log := startOf(t, cluster, map[string]string{"start_at": "latest"})
		cluster.commit(t1, c.at)
		wantPlaced(t, "committed", s, map[partition]int64{t1: c.at})
		s.refused(t1, c.at, "Offset out of range")
		wantOffsets(t, "refused", againOf(s, time.Now().Add(time.Minute)), map[partition]int64{t1: c.want})
		if !strings.Contains(log.String(), c.words) || c.words == "" && strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("from %d, the log says\n%s", c.at, log)
		}
	}
}
