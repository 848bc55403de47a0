package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// report collects the runs and becomes report.md and report.json.
type report struct {
	Started  time.Time `json:"started"`
	Machine  machine   `json:"machine"`
	Versions versions  `json:"versions"`
	Rounds   int       `json:"rounds"`
	Records  int       `json:"records"`
	Trickle  float64   `json:"trickle_seconds"`
	Results  []*result `json:"results"`
}

// result is one side of one pairing: a row of the table.
type result struct {
	Pairing string    `json:"pairing"`
	Side    side      `json:"side"`
	Config  string    `json:"config"`
	Loads   []load    `json:"loads"`
	Trickle []latency `json:"latencies,omitempty"`
}

func newReport(b *bench, m machine) *report {
	r := &report{
		Started: time.Now().UTC().Truncate(time.Second), Machine: m, Versions: findVersions(b.host),
		Rounds: b.rounds, Records: b.records, Trickle: b.trickle.Seconds(),
	}
	for _, p := range b.pairings {
		for _, s := range []side{ours, builtIn} {
			r.Results = append(r.Results, &result{Pairing: p.name, Side: s, Config: example(p, s)})
		}
	}
	return r
}

func (r *report) of(p pairing, s side) *result {
	for _, x := range r.Results {
		if x.Pairing == p.name && x.Side == s {
			return x
		}
	}
	return nil // not among the pairings that were asked for
}

func (r *report) addLoad(p pairing, s side, round int, l load) {
	x := r.of(p, s)
	x.Loads = append(x.Loads, l)
	harness.Progress("%d/%d %s, %s: %.2f µs, %.0f records/s, %.0f MiB, %s%s",
		round, r.Rounds, p.name, s, l.CPU, l.PerSecond, l.PeakRSS, l.outcome(), disturbed(l.Others))
}

// hopeless says whether a run did not end within its limit: another one would not either,
// and take minutes.
func (r *report) hopeless(p pairing, s side) bool {
	return slices.ContainsFunc(r.of(p, s).Loads, func(l load) bool { return !l.Finished })
}

func (r *report) addLatency(p pairing, s side, round int, l latency) {
	x := r.of(p, s)
	x.Trickle = append(x.Trickle, l)
	harness.Progress("%d/%d %s, %s: p50 %.0f ms, p99 %.0f ms, %s%s",
		round, r.Rounds, p.name, s, l.P50, l.P99, l.Verdict, disturbed(l.Others))
}

func disturbed(others float64) string {
	if others < foreign {
		return ""
	}
	return fmt.Sprintf(" (others had %.0f %% of the machine)", 100*others)
}

// outcome is a word on what became of the records.
func (l load) outcome() string {
	if !l.Finished {
		return fmt.Sprintf("not done after %.0f s: %s", l.Seconds, l.Verdict)
	}
	return l.Verdict.String()
}

// finish prints the table and writes both files.
func (r *report) finish(dir string) error {
	text := r.markdown()
	fmt.Println("\n" + text)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	full, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "report.md"), []byte(text+"\n"+r.configurations()), 0o644),
		os.WriteFile(filepath.Join(dir, "report.json"), append(full, '\n'), 0o644),
	)
	if err == nil {
		harness.Progress("written: report.md and report.json in %s", dir)
	}
	return err
}

// failure is an error if a run of ours was not clean.
func (r *report) failure() error {
	var bad []string
	for _, x := range r.Results {
		if x.Side != ours {
			continue
		}
		for _, l := range x.Loads {
			if !l.good() {
				bad = append(bad, x.Pairing+": "+l.outcome())
			}
		}
		for _, l := range x.Trickle {
			if !l.Verdict.clean() {
				bad = append(bad, x.Pairing+", trickle: "+l.Verdict.String())
			}
		}
	}
	if bad != nil {
		return errors.New("runs of tidegate that were not clean: " + strings.Join(bad, "; "))
	}
	return nil
}
