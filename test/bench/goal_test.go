package main

import (
	"slices"
	"strings"
	"testing"
)

// measured is a result with one load for each pair of CPU and bytes.
func measured(name string, s side, figures ...[2]float64) *result {
	x := &result{Pairing: name, Side: s}
	for _, f := range figures {
		x.Loads = append(x.Loads, load{CPU: f[0], Sent: f[1], Finished: f[0] > 0})
	}
	return x
}

// Ratios are taken round by round, what did not finish has none, and the output alone is
// the agent without what it takes to read.
func TestGoals(t *testing.T) {
	r := &report{Results: []*result{
		measured(fileNull.name, ours, [2]float64{1, 0}, [2]float64{2, 0}, [2]float64{1, 0}),
		measured(fileNull.name, builtIn, [2]float64{1, 0}, [2]float64{2, 0}, [2]float64{1, 0}),
		measured(fileLoki.name, ours, [2]float64{2, 50}, [2]float64{4, 50}, [2]float64{0, 50}),
		measured(fileLoki.name, builtIn, [2]float64{3, 400}, [2]float64{7, 400}, [2]float64{3, 400}),
		measured(fileLokiGzip.name, ours, [2]float64{2, 50}, [2]float64{2, 50}, [2]float64{2, 50}),
		measured(fileLokiGzip.name, builtIn, [2]float64{3, 20}, [2]float64{7, 30}, [2]float64{4, 20}),
	}}
	want := map[string][]float64{goals[0].what: nil, goals[1].what: nil, goals[2].what: {0.5, 0.4}, goals[3].what: {0.5, 0, 1. / 3}, goals[4].what: {2.5, 50. / 30, 2.5}}
	for _, g := range goals {
		if got := g.ratios(r); !slices.Equal(got, want[g.what]) {
			t.Errorf("%s: got %v, want %v", g.what, got, want[g.what])
		}
	}
	var verdicts []string
	for _, row := range r.goalRows()[1:] {
		verdicts = append(verdicts, row[len(row)-1])
	}
	if got := strings.Join(verdicts, " "); got != "not measured not measured yes **no** **no**" {
		t.Errorf("got %s", got)
	}
	text := r.markdown()
	for _, cell := range []string{"0.45 (0.40–0.50)", "0.33 (0.00–0.50)", "0.62 (0.57–0.67)", "## Goals"} {
		if !strings.Contains(text, cell) {
			t.Errorf("no %q in\n%s", cell, text)
		}
	}
	if err := r.failure(); err == nil || !strings.Contains(err.Error(), "not done") || strings.Contains(err.Error(), "goal") {
		t.Errorf("a goal that is missed fails nothing: %v", err)
	}
}
