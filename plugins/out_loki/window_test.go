package outloki

import (
	"testing"
	"time"
)

func TestAlone(t *testing.T) {
	now := time.Now()
	s := newStreams(&plan{})
	s.texts.intern([]byte(`{a="b"}`))
	look := func(m *memory, at time.Time, oldest, newest time.Duration, bytes int) streamRun {
		runs := []streamRun{{oldest: at.Add(oldest).UnixNano(), newest: at.Add(newest).UnixNano(), bytes: bytes}}
		key := m.key("", s.texts.get(0))
		k, is := m.streams[key]
		if !is {
			k.bucket.at = at.UnixNano()
		}
		k.stored, k.seen = at.UnixNano(), at.UnixNano() // else it is alone for being new
		m.streams[key] = k
		m.look(runs, &s, at)
		return runs[0]
	}
	l := defaultLimits()
	f := func(name string, want bool, m *memory, at time.Time, oldest, newest time.Duration, bytes int) {
		t.Helper()
		if got := look(m, at, oldest, newest, bytes).alone; got != want {
			t.Errorf("%s: alone %v", name, got)
		}
	}
	f("fresh", false, newMemory(&l), now, 0, 0, 100)
	f("within", false, newMemory(&l), now, -44*time.Minute, 0, 100)
	f("behind what others may have sent", true, newMemory(&l), now, -46*time.Minute, -46*time.Minute, 100)

	m := newMemory(&l)
	f("ahead of now", false, m, now, 0, 9*time.Minute, 100)
	f("behind that", true, m, now, -37*time.Minute, 0, 100)

	off := limits{}
	f("no limits", false, newMemory(&off), now, -1000*time.Hour, 0, 1<<40)
	f("older than max_age", true, newMemory(&limits{age: time.Hour}), now, -time.Hour, 0, 0)

	m = newMemory(&limits{rate: 1000, burst: 10000})
	f("half of the burst", false, m, now, 0, 0, 5000)
	f("more", true, m, now, 0, 0, 1)
	f("a second later", true, m, now.Add(time.Second), 0, 0, 1001)
	f("when it is full again", false, m, now.Add(time.Hour), 0, 0, 5000)
	f("far beyond", true, m, now.Add(time.Hour), 0, 0, 1<<40)
	f("which is forgotten after two bursts", false, m, now.Add(time.Hour+25*time.Second), 0, 0, 100)

	m = newMemory(&off)
	key := look(m, now, 0, 0, 0).key
	m.heat(key, now)
	f("refused for its rate", true, m, now.Add(hotFor-1), 0, 0, 0)
	f("a while ago", false, m, now.Add(hotFor), 0, 0, 0)
}

func TestNarrow(t *testing.T) {
	l := defaultLimits()
	m := newMemory(&l)
	for _, step := range []struct {
		lag  time.Duration
		want bool
	}{{0, false}, {-time.Hour, false}, {2 * time.Hour, false}, {45 * time.Minute, false}, {20 * time.Minute, true}, {20 * time.Minute, false}} {
		if got := m.narrow(step.lag); got != step.want {
			t.Errorf("%v: %v", step.lag, got)
		}
	}
	if m.window != 20*time.Minute {
		t.Errorf("window %v", m.window)
	}
}

func TestNewStreams(t *testing.T) {
	l := limits{}
	m := newMemory(&l)
	s := newStreams(&plan{})
	s.texts.intern([]byte(`{a="b"}`))
	now := time.Now()
	runs := []streamRun{{}}
	f := func(name string, want bool) {
		t.Helper()
		if m.look(runs, &s, now); runs[0].isNew != want {
			t.Errorf("%s: new %v", name, runs[0].isNew)
		}
	}
	f("never seen", true)
	f("never stored", true)
	if !runs[0].alone {
		t.Error("what may have to be made is not alone")
	}
	m.stored(runs, now)
	f("stored", false)
	m.lost("other", now)
	f("lost, of another tenant", false)
	m.lost("", now)
	f("lost", true)
	now = now.Add(1)
	m.stored(runs, now)
	f("stored again", false)
	now = now.Add(forgetAfter)
	f("a while ago", false)
	now = now.Add(2)
	f("too long ago", true)
	if n := m.active(); n != 1 {
		t.Errorf("%d active", n)
	}
	now = now.Add(2 * forgetAfter)
	m.look(nil, &s, now)
	if len(m.streams) != 0 {
		t.Errorf("%d known", len(m.streams))
	}
}
