package main

import "encoding/json"

// event is a line of `go test -json` (go doc test2json, go help buildjson), or the line
// that run.sh adds when a go command has ended.
type event struct {
	Action     string
	Package    string
	ImportPath string // instead of Package, for build-output and build-fail
	Test       string
	Output     string
	Elapsed    float64 // seconds
	Code       int     // exit code, of action "stage" only
}

// readEvent reports false for a line that is no event: the go command prints its own
// errors as plain text.
func readEvent(line []byte) (e event, ok bool) {
	err := json.Unmarshal(line, &e)
	return e, err == nil && e.Action != ""
}
