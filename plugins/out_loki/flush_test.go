package outloki

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/throttle"
)

const (
	behind = "entry with timestamp 2026-11-20 ignored, reason: 'entry too far behind',\nuser 'fake', total ignored: 2 out of 4 for stream: {app=\"a\"}"
	overs  = "ingestion rate limit exceeded for user fake (limit: 100 bytes/sec) while attempting to ingest '8' lines totaling '800' bytes, reduce"
	grpc4  = "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (4200000 vs. 4194304)"
)

// eight is a chunk of two streams of four records, a0 b0 a1 b1 …
func eight() []byte {
	var b []byte
	for i := range 4 {
		for _, app := range []string{"a", "b"} {
			b = appendRecord(b, int64(i+1)*1e9, "app", app, "m", fmt.Sprint(app, i))
		}
	}
	return b
}

// sizes answers a push of more than most entries with reply.
func sizes(most int, reply lokiReply) func([]stream) lokiReply {
	return func(push []stream) lokiReply {
		n := 0
		for _, s := range push {
			n += len(s.lines)
		}
		if n > most {
			return reply
		}
		return lokiReply{status: 204}
	}
}

// badStream answers a push that holds a stream of these labels with reply.
func badStream(labels string, reply lokiReply) func([]stream) lokiReply {
	return func(push []stream) lokiReply {
		if slices.ContainsFunc(push, func(s stream) bool { return s.labels == labels }) {
			return reply
		}
		return lokiReply{status: 204}
	}
}

func TestFlushBySituation(t *testing.T) {
	for _, test := range []struct {
		name      string
		answer    func([]stream) lokiReply
		requests  int
		result    plugin.Result
		delivered int64
		rejected  map[reason]int64
		logs      string
	}{
		{"204", always(204, ""), 1, plugin.OK, 8, nil, ""},
		{"200", always(200, "ok"), 1, plugin.OK, 8, nil, ""},
		{"260, blocked", always(260, "ingestion blocked for user 'fake' until 'tomorrow'"), 1, plugin.OK, 0, map[reason]int64{blocked: 8}, "reason=blocked records=8 status=260"},
		{"400 names entries", badStream(`{app="a"}`, lokiReply{400, behind, nil}), 2, plugin.OK, 6, map[reason]int64{tooFarBehind: 2}, "reason=too_far_behind records=2 status=400"},
		{"400 names a stream", always(400, `stream '{app="b"}' has label value too long: 'b'`), 1, plugin.OK, 4, map[reason]int64{labelLimit: 4}, "reason=label_limit records=4"},
		{"400 for one bad stream", badStream(`{app="b"}`, lokiReply{400, "couldn't parse labels: 1:2", nil}), 3, plugin.OK, 4, map[reason]int64{labelSyntax: 4}, `labels="{app=\"b\"}"`},
		{"400 for a new reason", badStream(`{app="a"}`, lokiReply{400, "no entries on Fridays", nil}), 3, plugin.OK, 4, map[reason]int64{refusedByServer: 4}, "no entries on Fridays"},
		{"400 for the tenant", always(400, "tenant ID 'a' contains unsupported character"), 1, plugin.Retry, 0, nil, "level=ERROR"},
		{"401", always(401, "no org id"), 1, plugin.Retry, 0, nil, `check="the login: a user and password, in url or as http_user, or bearer_token or http_oauth; and tenant_id`},
		{"403", always(403, ""), 1, plugin.Retry, 0, nil, "may write for this tenant_id"},
		{"404", always(404, "page not found"), 1, plugin.Retry, 0, nil, "the path of url"},
		{"308", always(308, ""), 1, plugin.Retry, 0, nil, "the server redirects"},
		{"408", always(408, ""), 1, plugin.Retry, 0, nil, "push failed"},
		{"429", always(429, "slow down"), 1, plugin.Retry, 0, nil, "takes no more"},
		{"429 above the burst", sizes(2, lokiReply{429, overs, nil}), 7, plugin.OK, 8, nil, ""},
		{"429 for a single entry", always(429, overs), 4, plugin.Retry, 0, nil, "takes no more"},
		{"413", sizes(4, lokiReply{413, "request body too large", nil}), 3, plugin.OK, 8, nil, ""},
		{"413 for each", always(413, ""), 15, plugin.OK, 0, map[reason]int64{entryTooLarge: 8}, "reason=entry_too_large records=8 status=413"},
		{"500 larger than max", sizes(2, lokiReply{500, grpc4, nil}), 7, plugin.OK, 8, nil, ""},
		{"500", always(500, "not enough live replicas"), 1, plugin.Retry, 0, nil, "not enough live replicas"},
		{"503", always(503, ""), 1, plugin.Retry, 0, nil, "status=503"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := startLoki(t, test.answer)
			o, log := newTestOutput(t, "url="+server.URL, "label_keys=app")
			made(o, "tag", eight())
			result := o.Flush(t.Context(), "tag", eight())
			if result != test.result {
				t.Errorf("got %v, want %v", result, test.result)
			}
			if len(server.pushes) != test.requests {
				t.Errorf("got %d requests, want %d", len(server.pushes), test.requests)
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
			if strings.Contains(log.String(), `"m"`) {
				t.Errorf("a record is in the log: %s", log)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	server := startLoki(t, always(204, ""))
	o, log := newTestOutput(t, "url="+strings.Replace(server.URL, "://", "://me:hunter2@", 1), "tenant_id=team-a")
	if r := o.Flush(t.Context(), "tag", appendRecord(nil, 5, "a", "b")); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	req := server.heads[0]
	user, password, _ := req.BasicAuth()
	got := []string{req.Method, req.URL.Path, user, password, req.Header.Get("Content-Type"), req.Header.Get("X-Scope-OrgID"), req.Header.Get("User-Agent"), req.Header.Get("Content-Encoding")}
	want := []string{"POST", pushPath, "me", "hunter2", "application/x-protobuf", "team-a", "tidegate/1.2.3", ""}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestUnreachable(t *testing.T) {
	server := startLoki(t, always(204, ""))
	server.Close()
	o, log := newTestOutput(t, "url="+strings.Replace(server.URL, "://", "://me:hunter2@", 1))
	if r := o.Flush(t.Context(), "tag", eight()); r != plugin.Retry {
		t.Errorf("got %v", r)
	}
	if got := log.String(); !strings.Contains(got, "connection refused") || strings.Contains(got, "hunter2") {
		t.Errorf("logged %s", got)
	}
}

func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	server := startLoki(t, func([]stream) lokiReply { <-release; return lokiReply{status: 204} })
	defer close(release)
	o, log := newTestOutput(t, "url="+server.URL, "timeout=100ms")
	if r := o.Flush(t.Context(), "tag", eight()); r != plugin.Retry || !strings.Contains(log.String(), "deadline exceeded") {
		t.Errorf("got %v, logged %s", r, log)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	reply := lokiReply{429, "", http.Header{"Retry-After": {"60"}}}
	server := startLoki(t, func([]stream) lokiReply { return reply })
	o, log := newTestOutput(t, "url="+server.URL)
	now := time.Now()
	o.now = func() time.Time { return now }
	for range 3 {
		if r := o.Flush(t.Context(), "tag", eight()); r != plugin.Retry {
			t.Fatalf("got %v", r)
		}
	}
	if len(server.pushes) != 1 || !strings.Contains(log.String(), "retry_after=1m0s") {
		t.Errorf("%d requests within the minute, logged %s", len(server.pushes), log)
	}
	now = now.Add(61 * time.Second)
	reply = lokiReply{status: 204}
	if r := o.Flush(t.Context(), "tag", eight()); r != plugin.OK || len(server.pushes) != 2 {
		t.Errorf("got %v after %d requests", r, len(server.pushes))
	}
}

func TestLinesAreThrottled(t *testing.T) {
	server := startLoki(t, badStream(`{app="a"}`, lokiReply{400, behind, nil}))
	o, log := newTestOutput(t, "url="+server.URL, "label_keys=app")
	now := time.Now()
	o.now = func() time.Time { return now }
	for range 5 {
		o.Flush(t.Context(), "tag", eight())
	}
	now = now.Add(throttle.Quiet)
	o.Flush(t.Context(), "tag", eight())
	o.Flush(t.Context(), "tag", eight())
	o.Close()
	var got []string
	for line := range strings.Lines(log.String()) {
		if _, after, found := strings.Cut(line, "records="); found {
			got = append(got, strings.Fields(after)[0])
		}
	}
	// The first at once, five at the end of the interval, the last at the end.
	if want := []string{"2", "10", "2"}; !slices.Equal(got, want) {
		t.Errorf("got lines about %v records, want %v:\n%s", got, want, log)
	}
	if o.report.rejected.Records(tooFarBehind) != 14 {
		t.Errorf("counted %d", o.report.rejected.Records(tooFarBehind))
	}
}

func TestBrokenChunks(t *testing.T) {
	good := appendRecord(nil, 5e9, "a", "b")
	f := func(name string, data []byte, want plugin.Result, delivered, rejects int64, logs string) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			server := startLoki(t, always(204, ""))
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
	f("cut off", slices.Concat(good, good, good[:9]), plugin.OK, 2, 1, "the last 9 bytes of the chunk are lost")
	f("no event between", slices.Concat(good, []byte{7, 0xc0}, good), plugin.OK, 2, 2, "an event must be an array of two")
	f("no chunk at all", []byte("hello"), plugin.Error, 0, 5, "an event must be an array of two")
	f("invalid byte", []byte{0xc1}, plugin.Error, 0, 1, "the last 1 bytes")
	f("empty", nil, plugin.OK, 0, 0, "")
}

func TestRecordTooDeep(t *testing.T) {
	server := startLoki(t, always(204, ""))
	o, log := newTestOutput(t, "url="+server.URL, "label_keys=deep")
	deep := "\x92\x05\x81\xa4deep" + strings.Repeat("\x91", 200) + "\xc0"
	inLine := "\x92\x05\x81\xa4line" + strings.Repeat("\x91", 200) + "\xc0"
	data := slices.Concat([]byte(deep), []byte(deep), []byte(inLine), appendRecord(nil, 5, "a", "b"))
	if r := o.Flush(t.Context(), "tag", data); r != plugin.OK {
		t.Fatalf("got %v", r)
	}
	if c := o.report; metric.Sum(c.counts.Delivered) != 1 || c.rejected.Records(unencodable) != 3 || !strings.Contains(log.String(), "nested too deep") {
		t.Errorf("delivered %d, rejected %d, logged %s", metric.Sum(c.counts.Delivered), c.rejected.Records(unencodable), log)
	}
}

// A chunk that is flushed again tells its rejects once.
func TestRetriedChunkCountsOnce(t *testing.T) {
	status := 503
	server := startLoki(t, func([]stream) lokiReply { return lokiReply{status: status} })
	o, _ := newTestOutput(t, "url="+server.URL)
	data := append(eight(), 7)
	for range 3 {
		if r := o.Flush(t.Context(), "tag", data); r != plugin.Retry {
			t.Fatalf("got %v", r)
		}
	}
	status = 204
	if r := o.Flush(t.Context(), "tag", data); r != plugin.OK {
		t.Fatalf("got %v", r)
	}
	if c := o.report; metric.Sum(c.counts.Delivered) != 8 || c.rejected.Records(malformed) != 1 || metric.Sum(c.counts.Retried) != 3 {
		t.Errorf("delivered %d, rejected %d, retried %d", metric.Sum(c.counts.Delivered), c.rejected.Records(malformed), metric.Sum(c.counts.Retried))
	}
}

func TestFlushesRunSideBySide(t *testing.T) {
	server := startLoki(t, always(204, ""))
	o, log := newTestOutput(t, "url="+server.URL, "label_keys=app")
	made(o, "tag", eight())
	results := make(chan plugin.Result)
	const flushes = 32
	for range flushes {
		go func() { results <- o.Flush(t.Context(), "tag", eight()) }()
	}
	for range flushes {
		if r := <-results; r != plugin.OK {
			t.Errorf("got %v: %s", r, log)
		}
	}
	o.Close()
	for _, push := range server.pushes {
		if len(push) != 2 || len(push[0].lines) != 4 || push[0].lines[3].text != `{"app":"a","m":"a3"}` {
			t.Errorf("got %+v", push)
		}
	}
	if metric.Sum(o.report.counts.Delivered) != 8*flushes {
		t.Errorf("delivered %d", metric.Sum(o.report.counts.Delivered))
	}
}
