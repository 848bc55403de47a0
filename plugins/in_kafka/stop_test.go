package inkafka

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func newTestStop() (*stop, *bytes.Buffer) {
	var log bytes.Buffer
	return newStop(&readConfig{StopAt: stopEnd}, slog.New(slog.NewTextHandler(&log, nil))), &log
}

func yes() bool { return true }
func no() bool  { return false }

// TestStopEnds is the way of a partition to its end.
func TestStopEnds(t *testing.T) {
	for name, c := range map[string]struct {
		from, end int64
		read      []int64 // messages that come
		eof       int64   // the client's event after them, 0 for none
		admitted  int
		reached   bool
	}{
		"empty":                           {from: 7, end: 7, reached: true},
		"never written":                   {from: 0, end: 0, reached: true},
		"committed up to the end":         {from: 10, end: 10, reached: true},
		"committed behind the end":        {from: 12, end: 10, reached: true},
		"not read":                        {from: 0, end: 3},
		"on the way":                      {from: 0, end: 3, read: []int64{0, 1}, admitted: 2},
		"the last message":                {from: 0, end: 3, read: []int64{0, 1, 2}, admitted: 3, reached: true},
		"one behind it":                   {from: 0, end: 3, read: []int64{0, 1, 2, 3, 4}, admitted: 3, reached: true},
		"control records at the end":      {from: 0, end: 4, read: []int64{0, 1, 2}, eof: 4, admitted: 3, reached: true},
		"control records, and more comes": {from: 0, end: 4, read: []int64{0, 1, 2, 5}, admitted: 3, reached: true},
		"only control records left":       {from: 3, end: 4, eof: 4, reached: true},
		"the end of before":               {from: 0, end: 4, eof: 3},
	} {
		s, _ := newTestStop()
		s.learn(t0, c.end)
		s.assign(t0, c.from)
		admitted := 0
		for _, offset := range c.read {
			if s.admits(t0, offset) {
				admitted++
			}
		}
		if c.eof > 0 {
			s.at(t0, c.eof)
		}
		if admitted != c.admitted || s.isReached(t0) != c.reached || len(s.newlyReached()) == 1 != c.reached {
			t.Errorf("%s: %d messages admitted, want %d; at its end: %v, want %v", name, admitted, c.admitted, s.isReached(t0), c.reached)
		}
		if len(s.newlyReached()) > 0 {
			t.Errorf("%s: reached twice", name)
		}
	}
}

func TestStopSaysSoOnce(t *testing.T) {
	s, log := newTestStop()
	said := func() int { return strings.Count(log.String(), "this input is idle now") }
	if s.idle(no) {
		t.Error("idle before anything was assigned")
	}
	s.learn(t0, 1)
	s.learn(t1, 1)
	s.assign(t0, 0)
	s.assign(t1, 1)
	if s.idle(no) || said() > 0 {
		t.Error("idle with a partition to read")
	}
	s.admits(t0, 0)
	if s.idle(yes) || said() > 0 {
		t.Error("idle with records in flight")
	}
	for range 2 {
		if !s.idle(no) || said() != 1 {
			t.Errorf("said %d times that it is idle", said())
		}
	}
	// One goes to another member and comes back, with the end of before.
	s.revoke(t0)
	s.assign(t0, 0)
	if s.idle(no) || s.isReached(t0) || !s.isReached(t1) {
		t.Error("a partition that came back undelivered is taken as read")
	}
	s.revoke(t0)
	if !s.idle(no) {
		t.Error("not idle although the rest is another member's")
	}
	s.revoke(t1)
	if s.idle(no) {
		t.Error("idle without any partition")
	}
}

// TestStopKeepsTheEnds holds that an end is the one of the first assignment, and
// that a partition whose end is not known is not read.
func TestStopKeepsTheEnds(t *testing.T) {
	c := threePartitions()
	c.commit(t0, 90)
	s, _ := startOf(t, c, map[string]string{"stop_at": "end"})
	wantPlaced(t, "first", s, map[partition]int64{t0: 90, t2: 7})
	if got := s.stop.newlyReached(); len(got) != 1 || got[0].Partition != 2 {
		t.Errorf("at their end: %v, want the empty one", got)
	}
	c.records(t0, 0, 200, startBase)
	s.revoke(topicPartitions([]partition{t0}, 0))
	wantPlaced(t, "back", s, map[partition]int64{t0: 90})
	if s.stop.ends[t0] != 100 {
		t.Errorf("the end is %d, want 100 as at first", s.stop.ends[t0])
	}
	delete(c.logs, t1)
	c.commit(t1, 60)
	wantPlaced(t, "without an end", s, map[partition]int64{t1: none})
	c.records(t1, 50, 100, startBase)
	wantOffsets(t, "with an end", againOf(s, time.Now().Add(time.Minute)), map[partition]int64{t1: 60})
}

func TestStopIsOff(t *testing.T) {
	s := newStop(&readConfig{StopAt: stopNever}, nil)
	s.assign(t0, 0)
	s.at(t0, 1)
	s.revoke(t0)
	if !s.admits(t0, 1<<40) || s.isReached(t0) || s.idle(no) || s.newlyReached() != nil {
		t.Error("a stop that is off stops")
	}
}
