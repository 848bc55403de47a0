package outlogtide

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
)

const zodError = `{"error":"Validation error","details":[{"path":["logs",0,"level"],"message":"Invalid option"}]}`

// refuse answers 400 to a request that holds one of the messages.
func refuse(bad ...string) func([]sentLog) answered {
	return func(logs []sentLog) answered {
		if slices.ContainsFunc(logs, func(l sentLog) bool { return slices.Contains(bad, l.Message) }) {
			return answered{status: 400, body: zodError}
		}
		return good(logs)
	}
}

// atMost answers 413 to a request of more logs than most.
func atMost(most int) func([]sentLog) answered {
	return func(logs []sentLog) answered {
		if len(logs) > most {
			return answered{status: 413, body: `{"error":"Payload too large"}`}
		}
		return good(logs)
	}
}

func TestFlushBySituation(t *testing.T) {
	for _, test := range []struct {
		name      string
		answer    func([]sentLog) answered
		requests  int
		result    plugin.Result
		delivered int64
		rejected  map[reason]int64
		logs      string
	}{
		{"200", good, 1, plugin.OK, 8, nil, ""},
		{"200, one is missing", always(200, `{"received":7}`), 1, plugin.Retry, 0, nil, "did not confirm all logs of a request"},
		{"200, one too many", always(200, `{"received":9}`), 1, plugin.Retry, 0, nil, "sent=8"},
		{"200 without a number", always(200, `{"ok":true}`), 1, plugin.Retry, 0, nil, "did not confirm"},
		{"200 of a web page", always(200, "<html>welcome</html>"), 1, plugin.Retry, 0, nil, "level=ERROR"},
		{"204", always(204, ""), 1, plugin.Retry, 0, nil, "did not confirm"},
		{"400 for one", refuse("m3"), 7, plugin.OK, 7, map[reason]int64{refusedByServer: 1}, "reason=refused records=1 status=400 text="},
		{"400 for the ends", refuse("m0", "m7"), 11, plugin.OK, 6, map[reason]int64{refusedByServer: 2}, "Invalid option"},
		{"400 for all", always(400, zodError), 15, plugin.OK, 0, map[reason]int64{refusedByServer: 8}, "records=8"},
		{"400 of a proxy", always(400, "Client sent an HTTP request to an HTTPS server."), 1, plugin.Retry, 0, nil, "whether it must start with https"},
		{"401", always(401, `{"error":"Unauthorized"}`), 1, plugin.Retry, 0, nil, "the key is wrong, or was revoked"},
		{"403", always(403, ""), 1, plugin.Retry, 0, nil, "may write logs"},
		{"404", always(404, "Not found"), 1, plugin.Retry, 0, nil, "the path of url"},
		{"302", always(302, ""), 1, plugin.Retry, 0, nil, "the server redirects"},
		{"408", always(408, ""), 1, plugin.Retry, 0, nil, "request failed"},
		{"413", atMost(3), 7, plugin.OK, 8, nil, ""},
		{"413 for each", always(413, ""), 15, plugin.OK, 0, map[reason]int64{entryTooLarge: 8}, "reason=entry_too_large records=8 status=413"},
		{"429", always(429, `{"error":"Rate limit exceeded"}`), 1, plugin.Retry, 0, nil, "takes no more at the moment"},
		{"429 for the month", always(429, `{"code":"capability.quota_exceeded"}`), 1, plugin.Retry, 0, nil, "quota of this logtide project"},
		{"500", always(500, `{"error":"Internal"}`), 1, plugin.Retry, 0, nil, "status=500"},
		{"503", always(503, ""), 1, plugin.Retry, 0, nil, "status=503"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := startLogtide(t, test.answer)
			o, log := newTestOutput(t, "url="+server.URL)
			if result := o.Flush(t.Context(), "tag", numbered(t, 8)); result != test.result {
				t.Errorf("got %v, want %v", result, test.result)
			}
			if len(server.requests) != test.requests {
				t.Errorf("got %d requests, want %d", len(server.requests), test.requests)
			}
			rejected := map[reason]int64{}
			for r := range numReasons {
				if n := o.report.rejected.Records(r); n > 0 {
					rejected[r] = n
				}
			}
			if got := metric.Sum(o.report.counts.Delivered); got != test.delivered || !maps.Equal(rejected, test.rejected) {
				t.Errorf("delivered %d, rejected %v; want %d, %v", got, rejected, test.delivered, test.rejected)
			}
			if got := log.String(); !strings.Contains(got, test.logs) || test.logs == "" && got != "" {
				t.Errorf("logged %q, want %q", got, test.logs)
			}
			if strings.Contains(log.String(), "lp_secret") || strings.Contains(log.String(), "m3") {
				t.Errorf("a key or a record is in the log: %s", log)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	server := startLogtide(t, good)
	o, log := newTestOutput(t, "url="+strings.Replace(server.URL, "://", "://me:hunter2@", 1), "api_key=lp_7")
	if r := o.Flush(t.Context(), "tag", numbered(t, 1)); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	req := server.heads[0]
	user, password, _ := req.BasicAuth()
	got := []string{req.Method, req.URL.Path, user, password, req.Header.Get("Content-Type"), req.Header.Get("X-API-Key"), req.Header.Get("User-Agent")}
	want := []string{"POST", ingestPath, "me", "hunter2", "application/json", "lp_7", "tidegate/1.2.3"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestBatches(t *testing.T) {
	server := startLogtide(t, good)
	o, log := newTestOutput(t, "url="+server.URL)
	if r := o.Flush(t.Context(), "tag", numbered(t, 2500)); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	for i, want := range []int{1000, 1000, 500} {
		if len(server.requests) != 3 || len(server.requests[i]) != want {
			t.Fatalf("request %d of %d has the wrong size", i, len(server.requests))
		}
	}
	for i, m := range server.messages() {
		if m != fmt.Sprint("m", i) {
			t.Fatalf("log %d is %s", i, m)
		}
	}
}

// A batch is also bounded in bytes.
func TestLargeLogs(t *testing.T) {
	server := startLogtide(t, good)
	o, log := newTestOutput(t, "url="+server.URL)
	record := `{"message":"` + strings.Repeat("x", 3<<20) + `"}`
	if r := o.Flush(t.Context(), "tag", chunkOf(t, record, record, record, record, record)); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	if len(server.requests) != 3 || len(server.requests[0]) != 2 || len(server.requests[2]) != 1 {
		t.Errorf("%d requests", len(server.requests))
	}
}

func TestLogThatNoRequestHolds(t *testing.T) {
	server := startLogtide(t, good)
	o, log := newTestOutput(t, "url="+server.URL)
	huge := appendEvent(nil, pack(t, `{"message":"`+strings.Repeat("x", maxLog)+`"}`))
	if r := o.Flush(t.Context(), "tag", slices.Concat(huge, numbered(t, 1))); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	if c := o.report; metric.Sum(c.counts.Delivered) != 1 || c.rejected.Records(entryTooLarge) != 1 {
		t.Errorf("delivered %d, rejected %d", metric.Sum(c.counts.Delivered), c.rejected.Records(entryTooLarge))
	}
}

func TestBrokenChunks(t *testing.T) {
	one := numbered(t, 1)
	f := func(name string, data []byte, want plugin.Result, delivered, rejects int64, logs string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			server := startLogtide(t, good)
			o, log := newTestOutput(t, "url="+server.URL)
			if r := o.Flush(t.Context(), "tag", data); r != want {
				t.Errorf("got %v", r)
			}
			c := o.report
			if metric.Sum(c.counts.Delivered) != delivered || c.rejected.Records(malformed) != rejects || !strings.Contains(log.String(), logs) {
				t.Errorf("delivered %d, rejected %d, logged %s", metric.Sum(c.counts.Delivered), c.rejected.Records(malformed), log)
			}
		})
	}
	f("cut off", slices.Concat(one, one, one[:9]), plugin.OK, 2, 1, "the last 9 bytes of the chunk are lost")
	f("no event between", slices.Concat(one, []byte{7, 0xc0}, one), plugin.OK, 2, 2, "an event must be an array of two")
	f("no chunk at all", []byte("hello"), plugin.Error, 0, 5, "an event must be an array of two")
	f("empty", nil, plugin.OK, 0, 0, "")
}

func TestFlushesRunSideBySide(t *testing.T) {
	server := startLogtide(t, good)
	o, log := newTestOutput(t, "url="+server.URL, "batch_size=3")
	results := make(chan plugin.Result)
	const flushes = 32
	data := numbered(t, 8)
	for range flushes {
		go func() { results <- o.Flush(t.Context(), "tag", data) }()
	}
	for range flushes {
		if r := <-results; r != plugin.OK {
			t.Errorf("got %v: %s", r, log)
		}
	}
	o.Close()
	if n := metric.Sum(o.report.counts.Delivered); n != 8*flushes || len(server.messages()) != 8*flushes {
		t.Errorf("delivered %d, the server has %d", n, len(server.messages()))
	}
}
