package abi_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A target is the server behind the hosts' http output. What it answers with 200 was delivered.
type target struct {
	*httptest.Server
	verdict func(in numbers) int

	mu        sync.Mutex
	delivered numbers
	tries     map[int][]time.Time // of each number
}

func startTarget(t *testing.T, verdict func(in numbers) int) *target {
	t.Helper()
	g := &target{verdict: verdict, delivered: numbers{}, tries: map[int][]time.Time{}}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading a request: %v", err)
		}
		w.WriteHeader(g.take(numbersIn(t, string(body))))
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *target) take(in numbers) int {
	status := g.verdict(in)
	g.mu.Lock()
	defer g.mu.Unlock()
	for n, times := range in {
		g.tries[n] = append(g.tries[n], time.Now())
		if status == http.StatusOK {
			g.delivered[n] += times
		}
	}
	return status
}

func (g *target) arrived() numbers {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.delivered)
}

func (g *target) triesOf(n int) []time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]time.Time(nil), g.tries[n]...)
}

// output is a section that sends to the target, with further lines.
func (g *target) output(lines string) string {
	host, port, _ := strings.Cut(g.Listener.Addr().String(), ":")
	return `
[OUTPUT]
    Name   http
    Alias  out
    Match  *
    Host   ` + host + `
    Port   ` + port + `
    URI    /
    Format json_lines
    Json_Date_Format iso8601
` + lines
}
