package abi_test

import (
	"strconv"
	"strings"
)

// A line is one event of the trace or one instance of the summary: its first word, what follows without a key, and its fields.
type line struct {
	event, rest string
	fields      map[string]string
}

func parse(text string) line {
	words := strings.Fields(text)
	l := line{fields: map[string]string{}}
	if len(words) == 0 {
		return l
	}
	l.event = words[0]
	for _, w := range words[1:] {
		if key, value, ok := strings.Cut(w, "="); ok {
			l.fields[key] = value
		} else {
			l.rest = w
		}
	}
	return l
}

// trace returns the probes' events, all of them or those of the given names, in order.
func (p *process) trace(events ...string) []line {
	var found []line
	for text := range strings.Lines(p.read("trace")) {
		l := parse(text)
		for _, e := range events {
			if l.event == e {
				found = append(found, l)
			}
		}
		if len(events) == 0 {
			found = append(found, l)
		}
	}
	return found
}

// summary returns the counters that the host printed for an instance.
func (p *process) summary(name string) map[string]int {
	p.t.Helper()
	for text := range strings.Lines(p.log()) {
		_, rest, ok := strings.Cut(text, "[host] ")
		if !ok || !strings.HasPrefix(rest, "summary ") {
			continue
		}
		if l := parse(rest); l.fields["name"] == name {
			counts := map[string]int{}
			for key, value := range l.fields {
				if n, err := strconv.Atoi(value); err == nil {
					counts[key] = n
				}
			}
			return counts
		}
	}
	p.t.Fatalf("no summary of %s", name)
	return nil
}

// expect compares some counters of an instance.
func (p *process) expect(name string, want map[string]int) {
	p.t.Helper()
	got := p.summary(name)
	for key, n := range want {
		if value, ok := got[key]; !ok || value != n {
			p.t.Errorf("%s: %s = %d (present: %t), want %d", name, key, value, ok, n)
		}
	}
}
