package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// lokiServer is the receiver or a real Loki.
type lokiServer interface {
	url() string
	describe() string
	entries() ([]entry, error)
	close()
}

// entry is one log line in Loki.
type entry struct {
	time   int64 // Unix nanoseconds
	labels string
	line   string
}

func openLoki(url string, logs []sampleLog) (lokiServer, error) {
	if url != "" {
		l := &realLoki{loki: harness.Loki{URL: strings.TrimSuffix(url, "/")}, since: time.Now(), ours: map[string]bool{}}
		for _, s := range logs {
			l.ours[s.labels] = true
		}
		return l, nil
	}
	return newReceiver()
}

// realLoki is asked for what came in since the demo started. Others may use it
// too: only the streams of the sample count.
type realLoki struct {
	loki  harness.Loki
	since time.Time
	ours  map[string]bool // labels
}

func (l *realLoki) url() string      { return l.loki.URL }
func (l *realLoki) describe() string { return l.loki.URL }
func (l *realLoki) close()           {}

func (l *realLoki) entries() ([]entry, error) {
	lines, err := l.loki.Lines(`{job="files"}`, l.since, time.Now().Add(time.Minute))
	if err != nil {
		return nil, err
	}
	var all []entry
	for _, e := range lines {
		delete(e.Labels, "service_name") // the server's own addition
		if labels := harness.LabelSet(e.Labels); l.ours[labels] {
			all = append(all, entry{e.Time, labels, e.Line})
		}
	}
	return all, nil
}

// lokiArrived holds that each record is there once and under its labels.
func lokiArrived(l lokiServer, logs []sampleLog) error {
	all, err := l.entries()
	if err != nil {
		return err
	}
	return once("Loki", pick(logs, func(s sampleLog) string { return s.labels + " " + s.line }),
		pick(all, func(e entry) string { return e.labels + " " + e.line }))
}

// printLoki prints each stream with its number of entries, and the first line of a few.
func printLoki(l lokiServer) error {
	all, err := l.entries()
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.labels, b.labels), cmp.Compare(a.time, b.time))
	})
	counts := map[string]int{}
	first := map[string]entry{}
	for _, e := range all {
		if counts[e.labels]++; counts[e.labels] == 1 {
			first[e.labels] = e
		}
	}
	streams := slices.Sorted(maps.Keys(counts))
	fmt.Printf("\nLoki: %d entries in %d streams\n", len(all), len(streams))
	for _, labels := range streams {
		fmt.Printf("  %-60s %5d\n", labels, counts[labels])
	}
	fmt.Println("some lines")
	for i, labels := range streams {
		if i%3 != 2 {
			continue
		}
		e := first[labels]
		fmt.Printf("  %s  %s\n    %s\n", time.Unix(0, e.time).UTC().Format("15:04:05.000"), labels, e.line)
	}
	return nil
}
