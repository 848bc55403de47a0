package harness

import (
	"strconv"
	"testing"
	"time"
)

// Walk sees what Lines sees, over the borders of pages and within a crowded instant.
func TestLokiWalk(t *testing.T) {
	l := StartLoki(t, LokiOptions{Limits: map[string]any{"ingestion_rate_mb": 100, "ingestion_burst_size_mb": 100}})
	now := time.Now().Add(-time.Minute)
	var entries []Entry
	const alone, crowd = walkLimit + 500, walkLimit + 300
	for i := range alone + crowd + alone {
		at := now.UnixNano() + int64(min(i, alone))
		if i >= alone+crowd {
			at += int64(i)
		}
		entries = append(entries, Entry{Time: at, Line: strconv.Itoa(i)})
	}
	push(t, l, "", map[string]string{"job": "walk", "half": "one"}, entries[:alone+crowd/2])
	push(t, l, "", map[string]string{"job": "walk", "half": "two"}, entries[alone+crowd/2:])

	times, last := make([]int, len(entries)), int64(0)
	err := l.Walk(`{job="walk"}`, now, now.Add(time.Minute), func(e Entry) {
		n, err := strconv.Atoi(e.Line)
		if err != nil || n >= len(times) || e.Time != entries[n].Time {
			t.Fatalf("unexpected entry %+v", e)
		}
		times[n]++
		last = max(last, e.Time)
	})
	if err != nil {
		t.Fatal(err)
	}
	for n, got := range times {
		if got != 1 {
			t.Fatalf("entry %d came %d times", n, got)
		}
	}
	if want := entries[len(entries)-1].Time; last != want {
		t.Errorf("the last entry has time %d, want %d", last, want)
	}
}

func TestWalkFollowsTheDensity(t *testing.T) {
	const full = walkLimit * 4 / 5
	for _, c := range []struct {
		entries int
		want    time.Duration
	}{
		{0, 2 * time.Second},
		{full / 10, 2 * time.Second},
		{full, time.Second},
		{full * 5 / 4, 800 * time.Millisecond},
		{full * 100, 10 * time.Millisecond},
	} {
		if got := nextPiece(time.Second, c.entries, walkLimit); got != c.want {
			t.Errorf("after a second with %d entries comes %s, want %s", c.entries, got, c.want)
		}
	}
}
