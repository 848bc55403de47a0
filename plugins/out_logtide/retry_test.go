package outlogtide

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/throttle"
)

// The retry of a chunk sends what is not settled, and counts nothing twice.
func TestRetrySendsTheRest(t *testing.T) {
	down := true
	server := startLogtide(t, func(logs []sentLog) answered {
		for _, l := range logs {
			switch {
			case l.Message == "m3":
				return answered{status: 400, body: zodError}
			case l.Message == "m9" && down:
				return answered{status: 503}
			}
		}
		return good(logs)
	})
	o, log := newTestOutput(t, "url="+server.URL, "batch_size=4")
	data := append(numbered(t, 12), 7) // and a byte that is no event
	for range 2 {
		if r := o.Flush(t.Context(), "tag", data); r != plugin.Retry {
			t.Fatalf("got %v: %s", r, log)
		}
	}
	down = false
	if r := o.Flush(t.Context(), "tag", data); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	if c := o.report; metric.Sum(c.counts.Delivered) != 11 || c.rejected.Records(refusedByServer) != 1 || c.rejected.Records(malformed) != 1 || metric.Sum(c.resumed) != 2 {
		t.Errorf("delivered %d, refused %d, malformed %d, resumed %d", metric.Sum(c.counts.Delivered), c.rejected.Records(refusedByServer), c.rejected.Records(malformed), metric.Sum(c.resumed))
	}
	// m0 to m7 went in the first flush: whole, and the halves around m3.
	if last := server.requests[len(server.requests)-1]; len(last) != 4 || last[0].Message != "m8" {
		t.Errorf("the last request starts with %v", last[0].Message)
	}
	stored := map[string]int{}
	for _, logs := range server.requests {
		if answer := server.answer(logs); answer.status == 200 {
			for _, l := range logs {
				stored[l.Message]++
			}
		}
	}
	for i := range 8 {
		if m := fmt.Sprint("m", i); i != 3 && stored[m] != 1 {
			t.Errorf("%s was stored %d times", m, stored[m])
		}
	}
	// The next chunk of the same bytes is another one.
	if r := o.Flush(t.Context(), "tag", data); r != plugin.OK || metric.Sum(o.report.counts.Delivered) != 22 {
		t.Errorf("got %v, delivered %d", r, metric.Sum(o.report.counts.Delivered))
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	reply := answered{429, "", http.Header{"Retry-After": {"60"}}}
	server := startLogtide(t, func(logs []sentLog) answered {
		if reply.status == 200 {
			return good(logs)
		}
		return reply
	})
	o, log := newTestOutput(t, "url="+server.URL)
	now := time.Now()
	o.now = func() time.Time { return now }
	for range 3 {
		if r := o.Flush(t.Context(), "tag", numbered(t, 1)); r != plugin.Retry {
			t.Fatalf("got %v", r)
		}
	}
	if len(server.requests) != 1 || !strings.Contains(log.String(), "retry_after=1m0s") {
		t.Errorf("%d requests within the minute, logged %s", len(server.requests), log)
	}
	now, reply.status = now.Add(61*time.Second), 200
	if r := o.Flush(t.Context(), "tag", numbered(t, 1)); r != plugin.OK || len(server.requests) != 2 {
		t.Errorf("got %v after %d requests", r, len(server.requests))
	}
}

func TestLinesAreThrottled(t *testing.T) {
	server := startLogtide(t, always(401, ""))
	o, log := newTestOutput(t, "url="+server.URL)
	now := time.Now()
	o.now = func() time.Time { return now }
	for range 5 {
		o.Flush(t.Context(), "tag", numbered(t, 1))
	}
	now = now.Add(throttle.Quiet)
	o.Flush(t.Context(), "tag", numbered(t, 1))
	if got := log.String(); strings.Count(got, "level=ERROR") != 2 || !strings.Contains(got, "chunks=5") {
		t.Errorf("logged %s", got)
	}
}

func TestUnreachable(t *testing.T) {
	server := startLogtide(t, good)
	server.Close()
	o, log := newTestOutput(t, "url="+strings.Replace(server.URL, "://", "://me:hunter2@", 1))
	if r := o.Flush(t.Context(), "tag", numbered(t, 1)); r != plugin.Retry {
		t.Errorf("got %v", r)
	}
	if got := log.String(); !strings.Contains(got, "connection refused") || strings.Contains(got, "hunter2") {
		t.Errorf("logged %s", got)
	}
}

func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	server := startLogtide(t, func(logs []sentLog) answered { <-release; return good(logs) })
	defer close(release)
	o, log := newTestOutput(t, "url="+server.URL, "timeout=100ms")
	if r := o.Flush(t.Context(), "tag", numbered(t, 1)); r != plugin.Retry || !strings.Contains(log.String(), "deadline exceeded") {
		t.Errorf("got %v, logged %s", r, log)
	}
}

func TestKeyFileIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("lp_old\n")
	var server *logtide
	server = startLogtide(t, func(logs []sentLog) answered {
		if server.heads[len(server.heads)-1].Header.Get("X-API-Key") != "lp_new" {
			return answered{status: 401}
		}
		return good(logs)
	})
	o, _ := newTestOutput(t, "url="+server.URL, "api_key_file="+file)
	flush := func(want plugin.Result, requests int) {
		t.Helper()
		if r := o.Flush(t.Context(), "tag", numbered(t, 1)); r != want || len(server.requests) != requests {
			t.Errorf("got %v after %d requests", r, len(server.requests))
		}
	}
	flush(plugin.Retry, 1)
	write("")
	flush(plugin.Retry, 2)
	write("lp_new\n")
	flush(plugin.OK, 4)
	flush(plugin.OK, 5)
}
