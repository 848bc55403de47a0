package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func goodLoad(cpu float64) load {
	return load{Seconds: 2, CPU: cpu, PerSecond: 100_000, PeakRSS: 120, Sent: 70, Finished: true}
}

func sampleReport(loads ...load) *report {
	return &report{Rounds: len(loads), Records: 1000, Results: []*result{
		{Pairing: "Kafka → Loki", Side: ours, Loads: loads, Trickle: []latency{{P50: 110, P99: 210}}},
		{Pairing: "Kafka → Loki", Side: builtIn},
	}}
}

func TestReportTable(t *testing.T) {
	text := sampleReport(goodLoad(2), goodLoad(3), goodLoad(2.5)).markdown()
	for _, want := range []string{"2.50 (2.00–3.00)", "| 100000 ", "| 110 ", "| 210 ", "all, once", "Rounds: 3;"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	width := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			width = 0 // another table
			continue
		}
		if n := utf8.RuneCountInString(line); width == 0 {
			width = n
		} else if n != width {
			t.Errorf("a row has %d characters, the first %d: %s", n, width, line)
		}
	}
}

// What was not stored is never hidden behind a good figure.
func TestReportMarksLoss(t *testing.T) {
	f := func(bad load, want string) {
		t.Helper()
		r := sampleReport(goodLoad(2), bad)
		if text := r.markdown(); strings.Count(text, want) < 2 {
			t.Errorf("%q is not in the table and the warnings:\n%s", want, text)
		}
		if err := r.failure(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	lost, doubled, late := goodLoad(1), goodLoad(1), goodLoad(1)
	lost.Verdict.Missing = 7
	doubled.Verdict.Doubled = 9
	late.Finished, late.Verdict.Missing, late.Seconds = false, 500, 90
	f(lost, "7 missing")
	f(doubled, "9 too many")
	f(late, "not done after 90 s: 500 missing")
}

func TestReportOfGoodRuns(t *testing.T) {
	r := sampleReport(goodLoad(2))
	if err := r.failure(); err != nil {
		t.Errorf("got %v", err)
	}
	r.Results[1].Loads = []load{{Finished: false}}
	if err := r.failure(); err != nil {
		t.Errorf("what the built-in plugins lose is no failure of ours: %v", err)
	}
}

func TestReportWarnsOfABusyMachine(t *testing.T) {
	r := sampleReport(goodLoad(2))
	if w := r.warnings(); len(w) != 0 {
		t.Errorf("a calm machine: %q", w)
	}
	r.Machine.Busy = 0.5
	r.Results[0].Loads[0].Others = 0.3
	if w := r.warnings(); len(w) != 2 {
		t.Errorf("busy before and during: %q", w)
	}
}
