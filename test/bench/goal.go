package main

import "fmt"

// goal is a ratio, ours to the built-in, that is not to be exceeded.
type goal struct {
	what   string
	most   float64
	ratios func(r *report) []float64 // one for each round that has it
}

// goals are what the plugins are to reach.
//
// Loki's are about the output, so the agent's own part, which both sides have alike, has to
// go: reading a file and parsing its lines is measured as file → null and subtracted. The
// ratio of the whole agents from a file would flatter whoever is slower, and be about tail.
// From Kafka each side reads with its own input and nothing is subtracted: that is what who
// moves from one pair to the other will see.
var goals = []goal{
	{"Kafka → null, CPU of the agent", 0.6, func(r *report) []float64 { return r.ratios(kafkaNull.name, cpuOf) }},
	{"Kafka → Loki, CPU of the agent", 0.5, func(r *report) []float64 { return r.ratios(kafkaLoki.name, cpuOf) }},
	{"file → Loki, CPU of the output", 0.5, func(r *report) []float64 { return r.outputRatios(fileLoki.name) }},
	{"file → Loki, CPU of the output to the built-in's with gzip", 0.25, func(r *report) []float64 { return r.outputRatios(fileLokiGzip.name) }},
	{"file → Loki, bytes sent to the built-in's with gzip", 2, func(r *report) []float64 { return r.ratios(fileLokiGzip.name, sentOf) }},
}

const goalNotes = `
A goal is about the median of the rounds; missing one fails nothing. "CPU of the output" is the agent's less that of
file → null in the same round, whose tail and parser are the same: what is left is what the output costs, with the
engine's work for it. The labels are the same two on both sides. Ours sends protobuf in snappy throughout, the built-in
JSON, which gzip makes small.
`

func cpuOf(l load) float64  { return l.CPU }
func sentOf(l load) float64 { return l.Sent }

// pair finds both sides of a pairing, nil where it was not measured.
func (r *report) pair(name string) (mine, other *result) {
	for _, x := range r.Results {
		switch {
		case x.Pairing == name && x.Side == ours:
			mine = x
		case x.Pairing == name:
			other = x
		}
	}
	return mine, other
}

// ratios compares a figure of both sides round by round: they ran one after the other, and
// what a shared machine did in between is in both.
func (r *report) ratios(name string, figure func(load) float64) (all []float64) {
	mine, other := r.pair(name)
	if mine == nil || other == nil {
		return nil
	}
	for i := range min(len(mine.Loads), len(other.Loads)) {
		a, b := mine.Loads[i], other.Loads[i]
		if a.Finished && b.Finished && figure(b) > 0 {
			all = append(all, figure(a)/figure(b))
		}
	}
	return all
}

// outputRatios compares the CPU of both outputs alone, without what file → null takes.
func (r *report) outputRatios(name string) (all []float64) {
	mine, other := r.pair(name)
	idle, otherIdle := r.pair(fileNull.name)
	if mine == nil || other == nil || idle == nil || otherIdle == nil {
		return nil
	}
	for i := range min(len(mine.Loads), len(other.Loads), len(idle.Loads), len(otherIdle.Loads)) {
		a, b, base, otherBase := mine.Loads[i], other.Loads[i], idle.Loads[i], otherIdle.Loads[i]
		if a.Finished && b.Finished && base.Finished && otherBase.Finished && b.CPU > otherBase.CPU {
			all = append(all, (a.CPU-base.CPU)/(b.CPU-otherBase.CPU))
		}
	}
	return all
}

// ratioCell is the ratio of the agents' CPU, in our row.
func (r *report) ratioCell(x *result) string {
	if x.Side != ours {
		return ""
	}
	return spreadCell("%.2f", r.ratios(x.Pairing, cpuOf))
}

// goalRows are the cells of the goals' table.
func (r *report) goalRows() [][]string {
	rows := [][]string{{"ours to the built-in", "at most", "measured", "holds"}}
	for _, g := range goals {
		values := g.ratios(r)
		holds := "not measured"
		switch {
		case len(values) == 0:
		case spreadOf(values).Median <= g.most:
			holds = "yes"
		default:
			holds = "**no**"
		}
		rows = append(rows, []string{g.what, fmt.Sprint(g.most), spreadCell("%.2f", values), holds})
	}
	return rows
}
