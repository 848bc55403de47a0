package main

import (
	"strings"
	"testing"
)

const pkg = `"Package":"github.com/tidegate/tidegate/test/e2e"`

func run(stream string) (text string, err error) {
	var out strings.Builder
	r := newReport(&out)
	for line := range strings.Lines(stream) {
		r.take([]byte(line))
	}
	err = r.finish()
	return out.String(), err
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndex(text, "\n")+1:]
}

func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		last   string
		good   bool
		shows  []string
	}{
		"nothing ran": {
			stream: `{"Action":"stage","Package":"test","Code":0}
`,
			last: "0 passed, 0 failed, 0 skipped",
		},
		"no stream": {stream: "", last: "0 passed, 1 failed, 0 skipped"},
		"pass": {
			stream: `{"Action":"start",` + pkg + `}
{"Action":"run",` + pkg + `,"Test":"TestA"}
{"Action":"output",` + pkg + `,"Test":"TestA","Output":"tidegate-test: host: Fluent Bit v0 (/f)\n"}
{"Action":"run",` + pkg + `,"Test":"TestA/one"}
{"Action":"run",` + pkg + `,"Test":"TestA/two"}
{"Action":"pass",` + pkg + `,"Test":"TestA/one","Elapsed":3}
{"Action":"output",` + pkg + `,"Test":"TestA/two","Output":"    x_test.go:9: needs a thing: missing\n"}
{"Action":"output",` + pkg + `,"Test":"TestA/two","Output":"    --- SKIP: TestA/two (0.00s)\n"}
{"Action":"skip",` + pkg + `,"Test":"TestA/two"}
{"Action":"pass",` + pkg + `,"Test":"TestA"}
{"Action":"pass",` + pkg + `,"Elapsed":4}
{"Action":"stage","Package":"test","Code":0}
`,
			last: "1 passed, 0 failed, 1 skipped", good: true,
			shows: []string{"Fluent Bit v0 (/f)", "test/e2e TestA/two: needs a thing: missing", "test/e2e TestA/one (3.0s)"},
		},
		"fail": {
			stream: `{"Action":"run",` + pkg + `,"Test":"TestA"}
{"Action":"run",` + pkg + `,"Test":"TestA/one"}
{"Action":"output",` + pkg + `,"Test":"TestA/one","Output":"    x_test.go:9: the cause\n"}
{"Action":"fail",` + pkg + `,"Test":"TestA/one"}
{"Action":"fail",` + pkg + `,"Test":"TestA"}
{"Action":"fail",` + pkg + `}
{"Action":"stage","Package":"test","Code":1}
`,
			last: "0 passed, 1 failed, 0 skipped", shows: []string{"the cause"},
		},
		"timeout": {
			stream: `{"Action":"run",` + pkg + `,"Test":"TestA"}
{"Action":"pass",` + pkg + `,"Test":"TestA"}
{"Action":"run",` + pkg + `,"Test":"TestB"}
{"Action":"output",` + pkg + `,"Test":"TestB","Output":"panic: test timed out\n"}
{"Action":"fail",` + pkg + `}
{"Action":"stage","Package":"test","Code":1}
`,
			last: "1 passed, 1 failed, 0 skipped", shows: []string{"panic: test timed out"},
		},
		"build": {
			stream: `{"ImportPath":"x","Action":"build-output","Output":"a.go:1: undefined: y\n"}
{"ImportPath":"x","Action":"build-fail"}
{"Action":"start",` + pkg + `}
{"Action":"fail",` + pkg + `}
{"Action":"stage","Package":"test","Code":1}
`,
			last: "0 passed, 1 failed, 0 skipped", shows: []string{"undefined: y"},
		},
		"go command": {
			stream: `go: updates to go.mod needed
{"Action":"stage","Package":".","Code":1}
`,
			last: "0 passed, 1 failed, 0 skipped", shows: []string{"go: updates to go.mod needed", "go test in . ended with code 1"},
		},
		"second go command": {
			stream: `{"Action":"run",` + pkg + `,"Test":"TestA"}
{"Action":"fail",` + pkg + `,"Test":"TestA"}
{"Action":"fail",` + pkg + `}
{"Action":"stage","Package":".","Code":1}
{"Action":"stage","Package":"test","Code":2}
`,
			last: "0 passed, 2 failed, 0 skipped", shows: []string{"go test in test ended with code 2"},
		},
		"stream cut off": {
			stream: `{"Action":"run",` + pkg + `,"Test":"TestA"}
{"Action":"pass",` + pkg + `,"Test":"TestA"}
{"Action":"pass",` + pkg + `}
`,
			last: "1 passed, 1 failed, 0 skipped", shows: []string{"cut off"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := run(c.stream)
			if got := lastLine(text); got != c.last || (err == nil) != c.good {
				t.Errorf("last line %q, %v\n%s", got, err, text)
			}
			for _, want := range c.shows {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
		})
	}
}
