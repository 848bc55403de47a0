package logtide

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

const goodLog = `{"time":"2026-11-20T12:00:00Z","service":"s","level":"info","message":"m"}`

// post sends a body and returns status and text of the answer.
func post(t *testing.T, s *Server, path, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-API-Key", DefaultKey)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func batchOf(logs ...string) string { return `{"logs":[` + strings.Join(logs, ",") + `]}` }

// with is a good log in which a member has another value, or none.
func with(member, value string) string {
	members := map[string]string{"time": `"2026-11-20T12:00:00.123Z"`, "service": `"s"`, "level": `"info"`, "message": `"m"`}
	members[member] = value
	var parts []string
	for name, v := range members {
		if v != "" {
			parts = append(parts, fmt.Sprintf("%q:%s", name, v))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func TestEachRuleAccepts(t *testing.T) {
	s := Start(t)
	n := 0
	f := func(logs ...string) {
		t.Helper()
		status, text := post(t, s, "/api/v1/ingest", batchOf(logs...))
		n += len(logs)
		if want := fmt.Sprintf(`{"received":%d,"timestamp":"`, len(logs)); status != 200 || !strings.HasPrefix(text, want) || s.Len() != n {
			t.Errorf("%.200s\n got %d %s, %d logs", logs[0], status, text, s.Len())
		}
	}
	f(goodLog)
	f(with("time", `"2026-11-20T12:00:00.123456789Z"`), with("level", `"critical"`), with("level", `"debug"`))
	f(with("service", `"`+strings.Repeat("é", 100)+`"`), with("service", `"`+strings.Repeat("🙂", 50)+`"`))
	f(with("metadata", `{}`), with("metadata", `{"a":[1,{"b":null}]}`), with("trace_id", `"anything"`), with("span_id", `"00f067aa0ba902b7"`))
	f(with("message", `"looks like \\u0000"`))
	f(strings.Split(strings.Repeat(goodLog+";", 999)+goodLog, ";")...)
	if got := s.Requests(); len(got) != 6 || got[5].Logs != 1000 || got[5].Status != 200 {
		t.Errorf("got %+v", got)
	}
}

func TestEachRuleRefuses(t *testing.T) {
	s := Start(t)
	f := func(want int, rule, body string, header ...string) {
		t.Helper()
		if status, text := post(t, s, "/api/v1/ingest", body, header...); status != want || !strings.Contains(text, rule) {
			t.Errorf("%.200s\n got %d %s; want %d %s", body, status, text, want, rule)
		}
	}
	for member, values := range map[string][]string{
		"time":     {``, `null`, `5`, `""`, `"2026-11-20T12:00:00"`, `"2026-11-20T12:00:00+00:00"`, `"2026-11-20 12:00:00Z"`, `"2026-11-20"`, `"2026-02-30T12:00:00Z"`, `"2026-11-20T25:00:00Z"`},
		"service":  {``, `null`, `""`, `7`, `"` + strings.Repeat("s", 101) + `"`, `"` + strings.Repeat("🙂", 51) + `"`},
		"level":    {``, `null`, `""`, `"INFO"`, `"fatal"`, `30`},
		"message":  {``, `null`, `""`, `{}`},
		"metadata": {`null`, `[]`, `"x"`},
		"trace_id": {`null`, `7`, `{}`},
		"span_id":  {`null`, `""`, `"abc"`, `"00f067aa0ba902bg"`, `"00f067aa0ba902b7a"`},
		"hostname": {`"h"`},
	} {
		for _, value := range values {
			// One bad log among good ones refuses them all.
			f(400, `{"path":["logs",1,"`+member+`"]`, batchOf(goodLog, with(member, value), goodLog))
		}
	}
	f(400, "Expected an object", batchOf(`5`))
	f(400, "1 to 1000", `{"logs":[]}`)
	f(400, "1 to 1000", `{"events":[`+goodLog+`]}`)
	f(400, "1 to 1000", `{"logs":{}}`)
	f(400, "1 to 1000", batchOf(strings.Split(strings.Repeat(goodLog+";", 1000)+goodLog, ";")...))
	f(400, "not valid JSON", `[`+goodLog+`]`)
	f(400, "not valid JSON", `{"logs":[`)
	f(400, "not valid JSON", batchOf(with("message", "\"\xff\"")))
	f(500, "", batchOf(goodLog, with("message", `"a\u0000b"`)))
	f(500, "", batchOf(with("metadata", `{"a\u0000":1}`)))
	f(401, "API key", batchOf(goodLog), "X-API-Key", "")
	f(401, "API key", batchOf(goodLog), "X-API-Key", "lp_wrong")
	f(415, "", batchOf(goodLog), "Content-Type", "text/plain")
	f(415, "", batchOf(goodLog), "Content-Type", "application/x-ndjson")
	if n := s.Len(); n != 0 {
		t.Errorf("%d logs of refused requests are stored", n)
	}
}

func TestTooLarge(t *testing.T) {
	s := Start(t)
	// The server may close before all is sent, which a client sees as an error.
	status, text := post(t, s, "/api/v1/ingest", batchOf(with("message", `"`+strings.Repeat("x", maxBody)+`"`)))
	if requests := s.Requests(); s.Len() != 0 || len(requests) != 1 || requests[0].Status != 413 || status != 0 && status != 413 {
		t.Errorf("got %d %.200s, requests %+v", status, text, requests)
	}
}

func TestOtherRoutes(t *testing.T) {
	s := Start(t)
	for _, path := range []string{"/", "/api/v1/ingest/batch", "/api/v1/ingest/"} {
		if status, _ := post(t, s, path, batchOf(goodLog)); status != 404 {
			t.Errorf("%s: got %d", path, status)
		}
	}
}

func TestSingle(t *testing.T) {
	s := Start(t)
	f := func(body string, want int, wantLast Log) {
		t.Helper()
		if status, text := post(t, s, "/api/v1/ingest/single", body, "Content-Type", "application/x-ndjson"); status != want {
			t.Errorf("%s: got %d %s", body, status, text)
		}
		logs := s.Logs()
		if want != 200 {
			return
		}
		last := logs[len(logs)-1]
		if last.Service != wantLast.Service || last.Level != wantLast.Level || last.Message != wantLast.Message || wantLast.Time != "" && last.Time != wantLast.Time {
			t.Errorf("%s: got %+v", body, last)
		}
	}
	f(`{"log":"a","level":"FATAL"}`+"\n"+`{"log":"b"}`+"\n", 200, Log{Service: "unknown", Level: "critical", Message: "a"})
	f("{\n\"message\":\"m\",\n\"level\":45,\"container_name\":\"c\"\n}", 200, Log{Service: "c", Level: "warn", Message: "m"})
	f(`{"MESSAGE":"m","PRIORITY":"3","_SYSTEMD_UNIT":"ssh.service","__REALTIME_TIMESTAMP":"1700000000123456"}`, 200,
		Log{Service: "ssh", Level: "error", Message: "m", Time: "2023-11-14T22:13:20.123456Z"})
	f(`{"message":"m","_EXE":"/usr/bin/x","level":5,"timestamp":"2026-11-20T12:00:00+02:00"}`, 200, Log{Service: "x", Level: "debug", Message: "m", Time: "2026-11-20T10:00:00Z"})
	f(`[{"message":"m"}]`, 400, Log{})
	f(`{"payload":{"message":"m"}}`, 400, Log{})
	f(`{"message":"a\u0000"}`, 500, Log{})
	f(`null`, 400, Log{})
	if s.Len() != 4 {
		t.Errorf("%d logs", s.Len())
	}
}

func TestScript(t *testing.T) {
	s := Start(t)
	s.Next(2, Answer{Status: 503, Body: "later", Header: http.Header{"Retry-After": {"7"}}})
	s.Next(1, Answer{Status: 500, Store: true})
	s.Next(1, Answer{Hangup: true})
	want := []int{503, 503, 500, 0, 200}
	for i, status := range want {
		if got, text := post(t, s, "/api/v1/ingest", batchOf(with("metadata", fmt.Sprintf(`{"n":%d}`, i)))); got != status {
			t.Errorf("answer %d: got %d %s", i, got, text)
		}
	}
	if got := s.Numbers("n"); !maps.Equal(got, map[int]int{2: 1, 4: 1}) {
		t.Errorf("stored %v", got)
	}
	for i, r := range s.Requests() {
		if r.Status != want[i] || r.Logs != 1 && r.Status != 0 {
			t.Errorf("request %d: %+v", i, r)
		}
	}
}

func TestLimit(t *testing.T) {
	s := Start(t)
	s.Limit(2, time.Hour)
	for i, want := range []int{200, 200, 429, 429} {
		if got, text := post(t, s, "/api/v1/ingest", batchOf(goodLog)); got != want {
			t.Errorf("request %d: got %d %s", i, got, text)
		}
	}
	s.Limit(0, 0)
	if got, _ := post(t, s, "/api/v1/ingest", batchOf(goodLog)); got != 200 || s.Len() != 3 {
		t.Errorf("got %d, %d logs", got, s.Len())
	}
	w := window{most: 1, per: time.Second}
	h := &Handler{limit: w}
	now := time.Now()
	for i, want := range []time.Duration{0, time.Second / 2, 0} {
		if got := h.overLimit(now.Add(time.Duration(i) * time.Second / 2)); got != want {
			t.Errorf("after %d halves: got %v, want %v", i, got, want)
		}
	}
}

func TestKey(t *testing.T) {
	s := Start(t)
	s.SetKey("lp_new")
	if got, _ := post(t, s, "/api/v1/ingest", batchOf(goodLog)); got != 401 {
		t.Errorf("got %d", got)
	}
	if got, _ := post(t, s, "/api/v1/ingest", batchOf(goodLog), "X-API-Key", "lp_new"); got != 200 {
		t.Errorf("got %d", got)
	}
}
