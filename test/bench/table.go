package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// markdown is the whole report but for the configurations.
func (r *report) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmark, %s\n\n%s\n", r.Started.Format("2006-01-02 15:04 MST"), r.conditions())
	b.WriteString(table(r.rows()))
	b.WriteString("\n## Goals\n\n" + table(r.goalRows()) + goalNotes + "\n## What the figures are\n")
	fmt.Fprintf(&b, `
Rounds: %d; a figure is their median, with the smallest and the largest behind it. CPU: user and system time of the
agent, all threads, from the first record it could read to the last one stored, a record; "ours/built-in" is the ratio of
the two, taken in each round. Peak RSS: since its start.
Sent: bytes on the wire to the destination, a record. Latency: at %d records a second, from just before the write into
Kafka or the file to the arrival at a receiver. "stored" is what was found in the end, over all rounds.
`, r.Rounds, trickleRate)
	for _, warning := range r.warnings() {
		b.WriteString("\n- " + warning)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (r *report) conditions() string {
	v, m := r.Versions, r.Machine
	return fmt.Sprintf("%s; Apache Kafka %s (one broker, %d partitions, lz4); Grafana Loki %s; tidegate %s, librdkafka %s.\n"+
		"%d × %s, Linux %s; load average before the start %s, %.0f %% busy. %d records of about %d bytes a run.\n",
		v.Host, v.Kafka, partitions, v.Loki, v.Tidegate, v.Librdkafka,
		m.CPUs, m.CPU, m.Kernel, m.Load, 100*m.Busy, r.Records, len(appendRecord(nil, r.Records, loadTime)))
}

// rows are the cells of the table: for each pairing both sides.
func (r *report) rows() [][]string {
	rows := [][]string{{"pipeline", "plugins", "CPU µs/record", "ours/built-in", "records/s", "peak RSS MiB", "sent B/record", "p50 ms", "p99 ms", "stored"}}
	for _, x := range r.Results {
		rows = append(rows, []string{
			x.Pairing, string(x.Side),
			x.cell("%.2f", func(l load) float64 { return l.CPU }),
			r.ratioCell(x),
			x.cell("%.0f", func(l load) float64 { return l.PerSecond }),
			x.cell("%.0f", func(l load) float64 { return l.PeakRSS }),
			x.cell("%.0f", func(l load) float64 { return l.Sent }),
			x.late("%.0f", func(l latency) float64 { return l.P50 }),
			x.late("%.0f", func(l latency) float64 { return l.P99 }),
			x.stored(),
		})
	}
	return rows
}

// cell sums up a figure over the runs that stored everything; the others say in the last
// column what became of them.
func (x *result) cell(format string, figure func(load) float64) string {
	var values []float64
	for _, l := range x.Loads {
		if l.Finished {
			values = append(values, figure(l))
		}
	}
	return spreadCell(format, values)
}

func (x *result) late(format string, figure func(latency) float64) string {
	var values []float64
	for _, l := range x.Trickle {
		values = append(values, figure(l))
	}
	return spreadCell(format, values)
}

func spreadCell(format string, values []float64) string {
	s := spreadOf(values)
	if s.Max == 0 {
		return "–"
	}
	text := fmt.Sprintf(format, s.Median)
	if low, high := fmt.Sprintf(format, s.Min), fmt.Sprintf(format, s.Max); low != high {
		text += " (" + low + "–" + high + ")"
	}
	return text
}

// stored joins the outcomes that differ.
func (x *result) stored() string {
	var outcomes []string
	add := func(s string) {
		if !slices.Contains(outcomes, s) {
			outcomes = append(outcomes, s)
		}
	}
	for _, l := range x.Loads {
		add(l.outcome())
	}
	for _, l := range x.Trickle {
		add(l.Verdict.String())
	}
	return strings.Join(outcomes, "; ")
}

// warnings are the reasons for which somebody should not trust a figure.
func (r *report) warnings() (lines []string) {
	if r.Machine.Busy > foreign {
		lines = append(lines, fmt.Sprintf("**The machine was busy before the start** (%.0f %%): read these figures as ratios.", 100*r.Machine.Busy))
	}
	runs, busy := 0, 0
	for _, x := range r.Results {
		for _, l := range x.Loads {
			runs++
			if l.Others > foreign {
				busy++
			}
		}
	}
	if busy > 0 {
		lines = append(lines, fmt.Sprintf("**Other programs had more than %.0f %% of the machine** in %d of %d runs under load.", 100*foreign, busy, runs))
	}
	for _, x := range r.Results {
		for i, l := range x.Loads {
			if !l.good() {
				lines = append(lines, fmt.Sprintf("%s, %s, round %d: %s%s", x.Pairing, x.Side, i+1, l.outcome(), firstComplaint(l)))
			}
		}
	}
	return lines
}

func firstComplaint(l load) string {
	if len(l.Complains) == 0 {
		return ""
	}
	return fmt.Sprintf("; %d lines of warnings and errors, the first: `%s`", len(l.Complains), l.Complains[0])
}

// configurations shows what was compared.
func (r *report) configurations() string {
	var b strings.Builder
	b.WriteString("\n## Configurations\n")
	for _, x := range r.Results {
		fmt.Fprintf(&b, "\n%s, %s:\n\n```ini\n%s```\n", x.Pairing, x.Side, x.Config)
	}
	return b.String()
}

// table lines the columns up, so that it can be read without being rendered.
func table(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for n, row := range rows {
		for i, cell := range row {
			fmt.Fprintf(&b, "| %-*s ", widths[i], cell)
		}
		b.WriteString("|\n")
		if n == 0 {
			for _, w := range widths {
				b.WriteString("| " + strings.Repeat("-", w) + " ")
			}
			b.WriteString("|\n")
		}
	}
	return b.String()
}
