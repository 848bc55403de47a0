package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/test/harness"
)

const (
	modulePath = "github.com/tidegate/tidegate"
	// slow is how many seconds a test must take to be worth a line of its own.
	slow = 2.0
)

// report is what is known of the run so far.
type report struct {
	out      io.Writer
	packages map[string]*testPackage
	total    tally
	ran      []string // one line a package
	skips    []string
	facts    map[string][]string // "host", "server" → what the harness said of them
	failures []string            // of go commands, not of tests
	staged   tally               // total at the end of the last stage
	ended    bool                // the last event was the end of a stage
}

func newReport(out io.Writer) *report {
	return &report{out: out, packages: map[string]*testPackage{}, facts: map[string][]string{}}
}

// take reads one line of the stream.
func (r *report) take(line []byte) {
	e, ok := readEvent(line)
	if !ok {
		fmt.Fprintf(r.out, "%s", line)
		return
	}
	r.ended = e.Action == "stage"
	switch e.Action {
	case "stage":
		r.stage(e)
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "build-fail":
	default:
		p := r.packages[e.Package]
		if p == nil {
			p = newPackage(e.Package)
			r.packages[e.Package] = p
		}
		r.testEvent(p, e)
	}
}

func (r *report) testEvent(p *testPackage, e event) {
	switch e.Action {
	case "run":
		p.test(e.Test)
	case "output":
		p.test(e.Test).output.WriteString(e.Output)
		if at := strings.Index(e.Output, harness.ProgressPrefix); at >= 0 {
			r.progress(strings.TrimSpace(e.Output[at+len(harness.ProgressPrefix):]))
		}
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.packageEnd(p, e)
			return
		}
		p.test(e.Test).outcome = e.Action
		r.testEnd(p, e)
	}
}

// progress shows a line of the harness, and keeps those that say what the tests ran on:
// "host: …" and "server: …".
func (r *report) progress(text string) {
	kind, fact, ok := strings.Cut(text, ": ")
	if !ok || kind != "host" && kind != "server" {
		fmt.Fprintf(r.out, "        … %s\n", text)
		return
	}
	if !slices.Contains(r.facts[kind], fact) {
		r.facts[kind] = append(r.facts[kind], fact)
	}
}

func (r *report) testEnd(p *testPackage, e event) {
	t := p.test(e.Test)
	switch {
	case e.Action == "fail":
		fmt.Fprintf(r.out, "FAIL    %s %s (%.1fs)\n%s", short(p.path), e.Test, e.Elapsed, t.output.String())
	case e.Action == "skip" && !t.parent:
		r.skips = append(r.skips, fmt.Sprintf("%s %s: %s", short(p.path), e.Test, t.reason()))
	case e.Elapsed >= slow && !t.parent:
		fmt.Fprintf(r.out, "        %s %s (%.1fs)\n", short(p.path), e.Test, e.Elapsed)
	}
}

func (r *report) packageEnd(p *testPackage, e event) {
	failed := e.Action == "fail"
	n := p.count(failed)
	if failed {
		// What belongs to no test that has ended: a panic, a timeout, a broken TestMain.
		for _, t := range p.tests {
			if t.outcome == "" {
				fmt.Fprint(r.out, t.output.String())
			}
		}
	}
	delete(r.packages, e.Package)
	r.total.add(n)
	if n == (tally{}) {
		return // no tests in it
	}
	word := map[bool]string{true: "FAIL", false: "ok"}[failed]
	line := fmt.Sprintf("%-28s %s (%.1fs)", short(p.path), n, e.Elapsed)
	fmt.Fprintf(r.out, "%-7s %s\n", word, line)
	r.ran = append(r.ran, line)
}

// stage takes the exit code of a go command. One that failed must have shown it in a test.
func (r *report) stage(e event) {
	if e.Code != 0 && r.total.failed == r.staged.failed {
		r.failures = append(r.failures, fmt.Sprintf("go test in %s ended with code %d", e.Package, e.Code))
	}
	r.staged = r.total
}

// finish writes the last lines. The error says why the run is no success.
func (r *report) finish() error {
	for path := range r.packages {
		r.failures = append(r.failures, short(path)+" did not end")
	}
	if !r.ended {
		r.failures = append(r.failures, "the stream of results was cut off")
	}
	list := func(title string, lines []string, none string) {
		if len(lines) == 0 {
			lines = []string{none}
		}
		fmt.Fprintf(r.out, "\n%s\n", title)
		for _, line := range lines {
			fmt.Fprintf(r.out, "    %s\n", line)
		}
	}
	list("ran:", r.ran, "nothing")
	list("on host:", r.facts["host"], "none: no test needed one")
	list("with real servers:", r.facts["server"], "none")
	list("skipped:", r.skips, "nothing")
	if len(r.failures) > 0 {
		list("broken:", r.failures, "")
		r.total.failed += len(r.failures)
	}
	fmt.Fprintf(r.out, "\n%s\n", r.total)
	switch {
	case r.total.failed > 0:
		return errors.New("there are failures")
	case r.total.passed == 0:
		return errors.New("no test ran")
	}
	return nil
}

func (t tally) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", t.passed, t.failed, t.skipped)
}

// short is the path of a package inside the repository.
func short(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, modulePath), "/")
}
