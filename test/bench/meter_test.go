package main

import (
	"testing"
	"time"
)

// worked makes a meter whose process used so many ms of CPU in each sampling interval.
func worked(start time.Time, ms ...int) *meter {
	m := &meter{}
	cpu := time.Duration(0)
	m.add(sample{start, 0})
	for i, used := range ms {
		cpu += time.Duration(used) * time.Millisecond
		m.add(sample{start.Add(time.Duration(i+1) * sampling), cpu})
	}
	return m
}

func TestMeterCPU(t *testing.T) {
	start := time.Now()
	m := worked(start, 10, 0, 20)
	f := func(after, want time.Duration) {
		t.Helper()
		if got := m.cpu(start.Add(after)); got != want {
			t.Errorf("after %s: got %s, want %s", after, got, want)
		}
	}
	f(-time.Second, 0)
	f(0, 0)
	f(sampling/2, 5*time.Millisecond)
	f(sampling, 10*time.Millisecond)
	f(2*sampling, 10*time.Millisecond)
	f(2*sampling+sampling/4, 15*time.Millisecond)
	f(time.Second, 30*time.Millisecond)
}

func TestMeterLastWork(t *testing.T) {
	start := time.Now()
	f := func(m *meter, want time.Time) {
		t.Helper()
		if got := m.lastWork(); !got.Equal(want) {
			t.Errorf("got %s after the start, want %s", got.Sub(start), want.Sub(start))
		}
	}
	f(&meter{}, time.Time{})
	f(worked(start, 0, 0, 10, 0, 0), time.Time{}) // one tick is no work
	// The window still holds the work of the last interval five intervals later.
	f(worked(start, 20, 20, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0), start.Add(7*sampling))
	// A timer that fires at the end is no work, work that comes back is.
	f(worked(start, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10), start.Add(5*sampling))
	f(worked(start, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20), start.Add(11*sampling))
}

func TestMeterIdle(t *testing.T) {
	if (&meter{}).idle(settled) {
		t.Error("a process that was never looked at counts as idle")
	}
	if worked(time.Now(), 0).idle(settled) {
		t.Error("a process counts as idle as soon as it has started")
	}
	long := time.Now().Add(-time.Minute)
	if !worked(long, 20, 20, 0, 0, 0, 0, 0, 0).idle(settled) {
		t.Error("a process that worked a minute ago does not count as idle")
	}
}
