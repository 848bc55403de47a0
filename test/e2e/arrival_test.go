package e2e_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// arrival is what came to Loki under one value of the label job.
type arrival struct {
	loki *harness.Loki
	host *harness.Host // that brings it, nil before its start
	job  string
	from time.Time // nothing of this test is older
	base int       // entries that the server had been sent before
	// starting says that pushes came while the server started: it counts the entries of those
	// that it refuses then.
	starting bool
}

func arrivalOf(t *testing.T, l *harness.Loki, job string) arrival {
	t.Helper()
	base, err := l.Received()
	if err != nil {
		t.Fatal(err)
	}
	return arrival{loki: l, job: job, from: time.Now().Add(-time.Minute), base: base}
}

func (a arrival) selector() string { return fmt.Sprintf("{job=%q}", a.job) }

// wait returns when n entries are there, as count_over_time has it. More than n is an
// error at once: entries do not go away.
func (a arrival) wait(t *testing.T, n int, timeout time.Duration) {
	t.Helper()
	extra := 0
	harness.Eventually(t, timeout, "entries of "+a.selector(), func() error {
		counts, err := a.loki.Count(a.selector(), []string{"job"}, a.from, time.Now().Add(time.Second))
		got := counts[a.selector()]
		if err == nil && got < n {
			err = fmt.Errorf("%d of %d entries are there", got, n)
		}
		if err != nil && a.host != nil && a.host.Exited() {
			err = harness.Hopeless{Err: fmt.Errorf("%w, and the host has ended", err)}
		}
		extra = got - n
		return err
	})
	if extra > 0 {
		t.Fatalf("%d entries more than the %d of %s", extra, n, a.selector())
	}
}

// lines reads every entry.
func (a arrival) lines(t *testing.T) []harness.Entry {
	t.Helper()
	entries, err := a.loki.Lines(a.selector(), a.from, time.Now().Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// check demands that exactly the messages m are there: by count for each set of labels,
// by reading the lines, each number once and under the labels that its line names, and
// by what the server was sent, which no query shows. Nothing else may push meanwhile.
func (a arrival) check(t *testing.T, m messages, timeout time.Duration) {
	t.Helper()
	a.wait(t, m.count, timeout)
	got, err := a.loki.Count(a.selector(), []string{"job", "service", "level"}, a.from, time.Now().Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	want := m.counts(a.job)
	for labels, n := range want {
		if got[labels] != n {
			t.Errorf("%s: %d entries, want %d", labels, got[labels], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d sets of labels, want %d: %v", len(got), len(want), got)
	}
	a.checkLines(t, m)
	received, err := a.loki.Received()
	if err != nil {
		t.Fatal(err)
	}
	if received -= a.base; received < m.count || received > m.count && !a.starting {
		t.Errorf("Loki was sent %d entries, want %d: some came more than once", received, m.count)
	}
}

func (a arrival) checkLines(t *testing.T, m messages) {
	t.Helper()
	times := make([]int, m.count)
	wrong := 0
	for _, e := range a.lines(t) {
		var line struct {
			N       int
			Service string
			Level   string
			Message string
			Nested  struct {
				Path string
				OK   bool
			}
		}
		err := json.Unmarshal([]byte(e.Line), &line)
		i := line.N - m.first
		if err != nil || i < 0 || i >= m.count ||
			line.Service != m.service(line.N) || line.Level != m.level(line.N) ||
			e.Labels["service"] != line.Service || e.Labels["level"] != line.Level ||
			line.Message != fmt.Sprintf("request %d took \"%d\" ms", line.N, line.N%250) ||
			line.Nested.Path != fmt.Sprintf("/a/%d", line.N%31) || !line.Nested.OK {
			if wrong++; wrong <= 3 {
				t.Errorf("unexpected entry %s %q (%v)", harness.LabelSet(e.Labels), e.Line, err)
			}
			continue
		}
		times[i]++
	}
	if wrong > 3 {
		t.Errorf("and %d more unexpected entries", wrong-3)
	}
	lost, doubled := 0, 0
	for _, n := range times {
		switch {
		case n == 0:
			lost++
		case n > 1:
			doubled++
		}
	}
	if lost > 0 || doubled > 0 {
		t.Errorf("of %d messages %d are lost and %d are there more than once", m.count, lost, doubled)
	}
}
