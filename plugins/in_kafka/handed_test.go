package inkafka

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

// counted is a handed whose host says what a test sets.
type counted struct {
	handed
	count int64
	now   time.Time
	log   bytes.Buffer
}

func newCounted() *counted {
	c := &counted{now: time.Unix(1000, 0)}
	c.handed.log = slog.New(slog.NewTextHandler(&c.log, nil))
	c.taken = func() (int64, bool) { return c.count, c.count >= 0 }
	return c
}

// settled returns the next offsets of the batches that are settled.
func (c *counted) settled(taken int64) (next []int64) {
	c.count = taken
	c.settle(c.now, func(marks []mark) { next = append(next, marks[0].next) })
	return next
}

func TestHanded(t *testing.T) {
	c := newCounted()
	f := func(taken int64, want ...int64) {
		t.Helper()
		if got := c.settled(taken); !slices.Equal(got, want) {
			t.Errorf("with %d taken: got %v, want %v", taken, got, want)
		}
	}
	marks := []mark{{next: 1, records: 3}, {records: 2}}
	c.add(c.now, marks)
	marks[0].next = 99 // the batch is used again
	c.add(c.now, []mark{{next: 2}})
	c.add(c.now, []mark{{next: 3, records: 1}})
	f(0)
	f(4)
	f(5, 1, 2) // tombstones have no record to wait for
	f(5)
	c.add(c.now, []mark{{next: 4, records: 10}})
	f(16, 3, 4)
	c.now = c.now.Add(time.Hour) // with nothing waiting
	c.add(c.now, []mark{{next: 5, records: 1}})
	f(16)
	c.now = c.now.Add(stuckFor - 1)
	f(16)
	f(17, 5)
	if c.log.Len() > 0 {
		t.Errorf("logged %s", &c.log)
	}
}

// TestHandedDistrusts holds that a count that cannot be one of the appended
// records stops no commits, and is told once.
func TestHandedDistrusts(t *testing.T) {
	for name, mistrust := range map[string]func(*counted){
		"more than was appended": func(c *counted) { c.count = 4 },
		"gone":                   func(c *counted) { c.count = -1 },
		"stuck":                  func(c *counted) { c.now = c.now.Add(stuckFor) },
		"more than fit into the buffer": func(c *counted) {
			for range ringSlots {
				c.add(c.now, []mark{{next: 9, records: 1}})
			}
		},
	} {
		c := newCounted()
		c.add(c.now, []mark{{next: 7, records: 3}})
		if got := c.settled(2); got != nil {
			t.Errorf("%s: settled %v at first", name, got)
		}
		mistrust(c)
		if got := c.settled(c.count); len(got) == 0 || got[0] != 7 || len(c.waiting) != 0 {
			t.Errorf("%s: settled %v, %d wait", name, got, len(c.waiting))
		}
		c.add(c.now, []mark{{next: 8, records: 1}})
		if got := c.settled(0); !slices.Equal(got, []int64{8}) || strings.Count(c.log.String(), "does not count") != 1 {
			t.Errorf("%s: settled %v then, logged %s", name, got, &c.log)
		}
	}
}

// TestHandedWithoutCount is for hosts that tell nothing.
func TestHandedWithoutCount(t *testing.T) {
	var h handed
	h.add(time.Now(), []mark{{next: 7, records: 1}})
	n := 0
	h.settle(time.Now(), func([]mark) { n++ })
	h.settle(time.Now(), func([]mark) { n++ })
	if n != 1 {
		t.Errorf("settled %d times", n)
	}
}
