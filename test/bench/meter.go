package main

import (
	"sync"
	"time"
)

const (
	// sampling is how often the CPU time of an agent is read.
	sampling = 20 * time.Millisecond
	// busyWindow and busyShare say what counts as work: a fifth of one CPU over a tenth
	// of a second. A waiting agent, with its timers and its client's, is far below.
	busyWindow = 100 * time.Millisecond
	busyShare  = 0.2
)

// sample is the CPU time that a process had used at a moment.
type sample struct {
	at  time.Time
	cpu time.Duration
}

// meter notes the CPU time of a process again and again, so that it can be asked later
// for any moment of a run: which one was the end is known only afterwards.
type meter struct {
	quit, joined chan struct{}
	once         sync.Once

	mu      sync.Mutex
	samples []sample
}

func newMeter(pid int) *meter {
	m := &meter{quit: make(chan struct{}), joined: make(chan struct{})}
	go m.run(pid)
	return m
}

func (m *meter) run(pid int) {
	defer close(m.joined)
	tick := time.NewTicker(sampling)
	defer tick.Stop()
	for {
		if t, err := readTimes(pid); err == nil {
			m.add(sample{time.Now(), t.own})
		}
		select {
		case <-m.quit:
			return
		case <-tick.C:
		}
	}
}

func (m *meter) add(s sample) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.samples = append(m.samples, s)
}

// stop ends the sampling. It may be called again.
func (m *meter) stop() {
	m.once.Do(func() { close(m.quit) })
	<-m.joined
}

// cpu is the CPU time used until a moment, between two samples a part of the way.
func (m *meter) cpu(at time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := sample{}
	for _, s := range m.samples {
		if s.at.After(at) {
			if before.at.IsZero() {
				return s.cpu
			}
			part := float64(at.Sub(before.at)) / float64(s.at.Sub(before.at))
			return before.cpu + time.Duration(part*float64(s.cpu-before.cpu))
		}
		before = s
	}
	return before.cpu
}

// lastWork is the end of the last window in which the process was busy.
func (m *meter) lastWork() (at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from := 0
	for _, s := range m.samples {
		for s.at.Sub(m.samples[from].at) > busyWindow {
			from++
		}
		if used := s.cpu - m.samples[from].cpu; used >= time.Duration(busyShare*float64(busyWindow)) {
			at = s.at
		}
	}
	return at
}

// idle says whether the process was not busy for the last windows.
func (m *meter) idle(windows int) bool {
	m.mu.Lock()
	first := time.Time{}
	if len(m.samples) > 0 {
		first = m.samples[0].at
	}
	m.mu.Unlock()
	since := m.lastWork()
	if since.IsZero() {
		since = first
	}
	return !since.IsZero() && time.Since(since) > time.Duration(windows)*busyWindow
}
