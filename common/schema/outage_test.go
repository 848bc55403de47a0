package schema

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestUnavailable holds, for each way in which a registry can be of no use,
// that the value is not to blame, that it is left alone meanwhile, and that all
// goes on by itself afterwards.
func TestUnavailable(t *testing.T) {
	status := func(code int) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = fmt.Fprint(w, document("error_code", 50001, "message", "Error in the backend data store"))
		}
	}
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request){
		"500": status(500), "503": status(503), "429": status(429), "401": status(401), "403": status(403), "408": status(408),
		"redirect":  func(w http.ResponseWriter, req *http.Request) { http.Redirect(w, req, "/login", http.StatusFound) },
		"page":      func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "<html>") },
		"no schema": func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "{}") },
		"empty":     func(http.ResponseWriter, *http.Request) {},
		"wrong path": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = fmt.Fprint(w, document("error_code", 404, "message", "HTTP 404 Not Found"))
		},
		"hangup": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			f := startFake(t)
			var broken atomic.Bool
			broken.Store(true)
			f.answer = func(w http.ResponseWriter, req *http.Request) bool {
				if !broken.Load() {
					return false
				}
				answer(w, req)
				return true
			}
			d, now, log := open(t, configFor(t, FormatAvro, "schema_registry_url", f.URL))
			for range 1000 {
				if _, err := text(t, d, wire(1, "\x04hi")); !errors.Is(err, ErrUnavailable) {
					t.Fatalf("%v is not ErrUnavailable", err)
				}
			}
			if n := f.requests.Load(); n != 1 {
				t.Errorf("%d requests at once", n)
			}
			if lines := strings.Count(log.String(), "\n"); lines != 1 {
				t.Errorf("%d lines:\n%s", lines, log)
			}
			broken.Store(false)
			*now = now.Add(firstPause)
			if got, err := text(t, d, wire(1, "\x04hi")); err != nil || got != `{"msg":"hi"}` {
				t.Errorf("afterwards: %s, %v", got, err)
			}
			if !strings.Contains(log.String(), "answers again") {
				t.Errorf("the end is not in the log:\n%s", log)
			}
		})
	}
}

// TestPauseGrows holds that a long outage costs the registry little.
func TestPauseGrows(t *testing.T) {
	f := startFake(t)
	f.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	d, now, log := open(t, configFor(t, FormatAvro, "schema_registry_url", f.URL))
	const minutes = 10
	for range minutes * 60 * 10 {
		_, _ = text(t, d, wire(1, ""))
		*now = now.Add(100 * time.Millisecond)
	}
	if n := f.requests.Load(); n < minutes*60/30 || n > minutes*60/22+8 {
		t.Errorf("%d requests in %d minutes", n, minutes)
	}
	if lines := strings.Count(log.String(), "\n"); lines > minutes*2+1 {
		t.Errorf("%d lines in %d minutes", lines, minutes)
	}
}

// TestKnownSchemasOutliveTheRegistry holds that an outage stops only what it
// has to.
func TestKnownSchemasOutliveTheRegistry(t *testing.T) {
	f := startFake(t)
	d, _, _ := open(t, configFor(t, FormatAvro, "schema_registry_url", f.URL))
	if _, err := text(t, d, wire(1, "\x04hi")); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := text(t, d, wire(4, "\x0412")); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if _, err := text(t, d, wire(1, "\x04hi")); err != nil {
		t.Errorf("a known schema: %v", err)
	}
}

func TestNextURL(t *testing.T) {
	dead, f := startFake(t), startFake(t)
	dead.Close()
	d, now, _ := open(t, configFor(t, FormatAvro, "schema_registry_url", dead.URL+", "+f.URL+"/"))
	if _, err := text(t, d, wire(1, "\x04hi")); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("%v", err)
	}
	*now = now.Add(firstPause)
	if _, err := text(t, d, wire(1, "\x04hi")); err != nil {
		t.Errorf("%v", err)
	}
}

func TestTimeout(t *testing.T) {
	f := startFake(t)
	over := make(chan struct{})
	defer close(over)
	f.answer = func(http.ResponseWriter, *http.Request) bool { <-over; return true }
	d, _, _ := open(t, configFor(t, FormatAvro, "schema_registry_url", f.URL, "schema_registry_timeout", "100ms"))
	start := time.Now()
	if _, err := text(t, d, wire(1, "")); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}
