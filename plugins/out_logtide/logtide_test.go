package outlogtide

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/attempt"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/jsonpack"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
)

// answered is what the test's server answers.
type answered struct {
	status int
	body   string
	header http.Header
}

// logtide is a server that keeps what it was sent and answers as it is told.
// The strict one, which holds LogTide's rules, is in the tests' own module.
type logtide struct {
	*httptest.Server
	answer func(logs []sentLog) answered

	mu       sync.Mutex
	heads    []*http.Request
	requests [][]sentLog
}

// sentLog is one log as a server reads it.
type sentLog struct {
	Time     string                     `json:"time"`
	Service  string                     `json:"service"`
	Level    string                     `json:"level"`
	Message  string                     `json:"message"`
	TraceID  *string                    `json:"trace_id"`
	SpanID   *string                    `json:"span_id"`
	Metadata map[string]json.RawMessage `json:"metadata"`
}

func decodeRequest(body []byte) ([]sentLog, error) {
	var request struct {
		Logs []sentLog `json:"logs"`
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	err := d.Decode(&request)
	return request.Logs, err
}

func startLogtide(t testing.TB, answer func([]sentLog) answered) *logtide {
	l := &logtide{answer: answer}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return // the client gave up
		}
		logs, err := decodeRequest(body)
		if err != nil {
			t.Errorf("decoding a request: %v", err)
		}
		l.mu.Lock()
		l.heads = append(l.heads, req)
		l.requests = append(l.requests, logs)
		reply := l.answer(logs)
		l.mu.Unlock()
		for k, v := range reply.header {
			w.Header()[k] = v
		}
		w.WriteHeader(reply.status)
		_, _ = io.WriteString(w, reply.body)
	}))
	t.Cleanup(l.Close)
	return l
}

// good answers as a server that takes everything.
func good(logs []sentLog) answered {
	return answered{status: 200, body: fmt.Sprintf(`{"received":%d,"timestamp":"2026-11-20T12:00:00.000Z"}`, len(logs))}
}

func always(status int, body string) func([]sentLog) answered {
	return func([]sentLog) answered { return answered{status: status, body: body} }
}

// messages returns the messages of all requests, in order.
func (l *logtide) messages() (all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, logs := range l.requests {
		for _, one := range logs {
			all = append(all, one.Message)
		}
	}
	return all
}

// logBuffer keeps what is logged.
type logBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newTestOutput makes an output by its options, written name=value.
func newTestOutput(t testing.TB, settings ...string) (*Output, *logBuffer) {
	t.Helper()
	if !strings.Contains(strings.Join(settings, " "), "api_key") {
		settings = append(settings, "api_key=lp_secret")
	}
	c := NewConfig()
	if err := parse(c, settings...); err != nil {
		t.Fatal(err)
	}
	log := &logBuffer{}
	o, err := c.newOutput(plugin.Host{Name: "test", Version: "1.2.3", Log: slog.New(slog.NewTextHandler(log, nil)), Acks: delivery.NewRegistry(time.Now()).Join("tidegate", "test")})
	if err != nil {
		t.Fatal(err)
	}
	return o, log
}

// parse reads options as the core does.
func parse(c *Config, settings ...string) error {
	table := c.Options()
	err := table.Parse(func(name string) (string, bool) {
		for _, s := range settings {
			if n, v, _ := strings.Cut(s, "="); n == name {
				return v, true
			}
		}
		return "", false
	})
	problems := options.Problems(err)
	if more := options.Problems(c.Validate()); more != "" {
		problems = strings.Trim(problems+"; "+more, "; ")
	}
	if problems != "" {
		return fmt.Errorf("%s", problems)
	}
	return nil
}

// eventTime is that of the records below: 2026-11-20T12:00:00.5Z.
const eventTime int64 = 1_795_176_000_500_000_000

// appendEvent appends an event whose body is raw msgpack.
func appendEvent(b, body []byte) []byte {
	b = chunk.AppendEventHeader(b, uint32(eventTime/1e9), uint32(eventTime%1e9))
	b = chunk.AppendMapHeader(b, 0)
	return append(b, body...)
}

// pack returns the msgpack of JSON.
func pack(t testing.TB, text string) []byte {
	t.Helper()
	b, _, err := jsonpack.New().Append(nil, []byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b
}

// chunkOf makes a chunk of JSON records.
func chunkOf(t testing.TB, records ...string) (b []byte) {
	t.Helper()
	for _, r := range records {
		b = appendEvent(b, pack(t, r))
	}
	return b
}

// numbered is a chunk of n records whose messages are m0, m1, …
func numbered(t testing.TB, n int) (b []byte) {
	for i := range n {
		b = append(b, chunkOf(t, fmt.Sprintf(`{"message":"m%d","service":"s"}`, i))...)
	}
	return b
}

// read encodes a chunk into b as a flush does.
func read(b *batch, data []byte, t *settled) {
	attempt.New(delivery.NewRegistry(time.Now()).Join("tidegate", "test")).Begin("", data).Read(nil, b.add, t.unfit)
}
