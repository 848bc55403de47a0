package main

import (
	"strings"
)

// test is one test or subtest, and what it printed.
type test struct {
	name    string
	outcome string // pass, fail, skip, or "" while it runs
	output  strings.Builder
	parent  bool // has subtests, which are counted in its place
}

// testPackage is one package under test. Its tests are in the order in which they began.
type testPackage struct {
	path   string
	tests  []*test
	byName map[string]*test
}

func newPackage(path string) *testPackage {
	return &testPackage{path: path, byName: map[string]*test{}}
}

// test gives the test of a name; the empty name stands for the package's own output.
func (p *testPackage) test(name string) *test {
	t := p.byName[name]
	if t == nil {
		t = &test{name: name}
		p.byName[name] = t
		p.tests = append(p.tests, t)
		if cut := strings.LastIndex(name, "/"); cut > 0 {
			p.test(name[:cut]).parent = true
		}
	}
	return t
}

// tally is how tests ended.
type tally struct{ passed, failed, skipped int }

func (t *tally) add(o tally) {
	t.passed += o.passed
	t.failed += o.failed
	t.skipped += o.skipped
}

// count counts the tests that have no subtests. A parent counts where it failed although
// no subtest of it did, and a package where it failed although no test did: a build that
// broke, a panic, a timeout.
func (p *testPackage) count(failed bool) (n tally) {
	for _, t := range p.tests {
		switch {
		case t.name == "":
		case t.outcome == "pass" && !t.parent:
			n.passed++
		case t.outcome == "skip" && !t.parent:
			n.skipped++
		case t.outcome == "fail" && !p.failedBelow(t), t.outcome == "" && failed && !t.parent:
			n.failed++
		}
	}
	if failed && n.failed == 0 {
		n.failed = 1
	}
	return n
}

func (p *testPackage) failedBelow(of *test) bool {
	for _, t := range p.tests {
		if t.outcome == "fail" && strings.HasPrefix(t.name, of.name+"/") {
			return true
		}
	}
	return false
}

// reason is the last thing a skipped test said, without file and line.
func (t *test) reason() string {
	said := "no reason given"
	for line := range strings.Lines(t.output.String()) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if at, text, ok := strings.Cut(line, ": "); ok && strings.Contains(at, ".go:") {
			line = text
		}
		said = line
	}
	return said
}
