package main

import (
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

func openLoki(url string, since time.Time) (lokiServer, error) {
	if url != "" {
		return &realLoki{loki: harness.Loki{URL: strings.TrimSuffix(url, "/")}, since: since}, nil
	}
	return newReceiver()
}

// realLoki is asked for what came in since the demo started.
type realLoki struct {
	loki  harness.Loki
	since time.Time
}

func (l *realLoki) url() string      { return l.loki.URL }
func (l *realLoki) describe() string { return l.loki.URL }
func (l *realLoki) close()           {}

func (l *realLoki) entries() ([]entry, error) {
	lines, err := l.loki.Lines(`{job="kafka"}`, l.since, time.Now().Add(time.Minute))
	if err != nil {
		return nil, err
	}
	all := make([]entry, len(lines))
	for i, e := range lines {
		delete(e.Labels, "service_name") // the server's own addition
		all[i] = entry{e.Time, harness.LabelSet(e.Labels), e.Line}
	}
	return all, nil
}

// printStreams prints each stream with its number of entries.
func printStreams(all []entry) {
	counts := map[string]int{}
	for _, e := range all {
		counts[e.labels]++
	}
	fmt.Printf("\nstreams in Loki\n")
	for _, labels := range slices.Sorted(maps.Keys(counts)) {
		fmt.Printf("  %-60s %5d\n", labels, counts[labels])
	}
}

// printLines prints the first line of a few streams.
func printLines(all []entry) {
	slices.SortStableFunc(all, compareEntries)
	fmt.Printf("\nsome lines\n")
	last, shown := "", 0
	for _, e := range all {
		if e.labels == last || shown == 5 {
			continue
		}
		last = e.labels
		shown++
		fmt.Printf("  %s %s\n    %s\n", time.Unix(0, e.time).UTC().Format("15:04:05.000"), e.labels, e.line)
	}
}
