package outloki

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
)

// tenantLoki answers by tenant, and counts the lines that each has.
type tenantLoki struct {
	*httptest.Server
	mu    sync.Mutex
	lines map[string]int
	asked map[string]int
	reply map[string]lokiReply
}

func startTenants(t *testing.T, reply map[string]lokiReply) *tenantLoki {
	l := &tenantLoki{lines: map[string]int{}, asked: map[string]int{}, reply: reply}
	inner := startLoki(t, always(204, ""))
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		tenant := req.Header.Get("X-Scope-OrgID")
		l.asked[tenant]++
		if r, is := l.reply[tenant]; is {
			for k, v := range r.header {
				w.Header()[k] = v
			}
			w.WriteHeader(r.status)
			return
		}
		inner.pushes = nil
		inner.Config.Handler.ServeHTTP(w, req)
		for _, s := range inner.pushes[0] {
			if readLabels(s.labels)[0].value != tenant {
				t.Errorf("%s in a push of %s", s.labels, tenant)
			}
			l.lines[tenant] += len(s.lines)
		}
	}))
	t.Cleanup(l.Close)
	return l
}

// A tenant that answers 500 beside one that works: the good one's records are
// stored, once, and only the others are tried again.
func TestTenantsFailAlone(t *testing.T) {
	server := startTenants(t, map[string]lokiReply{"a": {status: 500}})
	o, log := newTestOutput(t, "url="+server.URL, "label_keys=app", "tenant_id_key=app")
	for range 3 {
		if r := o.Flush(t.Context(), "tag", eight()); r != plugin.Retry {
			t.Fatalf("got %v: %s", r, log)
		}
	}
	if server.lines["b"] != 4 || server.asked["b"] != 1 || server.asked["a"] != 3 || metric.Sum(o.report.counts.Retried) != 3 {
		t.Errorf("lines %v, asked %v, retried %d", server.lines, server.asked, metric.Sum(o.report.counts.Retried))
	}
	delete(server.reply, "a")
	if r := o.Flush(t.Context(), "tag", eight()); r != plugin.OK || server.lines["a"] != 4 || server.asked["b"] != 1 {
		t.Errorf("got %v, lines %v, asked %v", r, server.lines, server.asked)
	}
	if n := metric.Sum(o.report.counts.Delivered); n != 8 {
		t.Errorf("%d delivered", n)
	}
}

// Retry-After is for the tenant that got it.
func TestTenantsWaitAlone(t *testing.T) {
	server := startTenants(t, map[string]lokiReply{"a": {status: 429, header: http.Header{"Retry-After": {"60"}}}})
	o, log := newTestOutput(t, "url="+server.URL, "label_keys=app", "tenant_id_key=app")
	now := time.Now()
	o.now = func() time.Time { return now }
	for i := range 3 {
		// Other chunks of both.
		data := append(eight(), appendRecord(nil, int64(100+i)*1e9, "app", "b")...)
		if r := o.Flush(t.Context(), "tag", data); r != plugin.Retry {
			t.Fatalf("got %v: %s", r, log)
		}
	}
	if server.asked["a"] != 1 || server.asked["b"] != 3 {
		t.Errorf("asked %v", server.asked)
	}
	now = now.Add(time.Minute)
	delete(server.reply, "a")
	if r := o.Flush(t.Context(), "tag", eight()); r != plugin.OK {
		t.Errorf("got %v: %s", r, log)
	}
}

// Servers that are none: the chunk waits, within the timeout, and nothing is
// taken for stored.
func TestBrokenServers(t *testing.T) {
	for name, answer := range map[string]func(net.Conn){
		"hangs":          func(c net.Conn) { buffer := make([]byte, 1<<16); _, _ = c.Read(buffer); _, _ = c.Read(buffer) },
		"closes at once": func(net.Conn) {},
		"closes half way": func(c net.Conn) {
			_, _ = c.Read(make([]byte, 10))
			_, _ = c.Write([]byte("HTTP/1.1 204 No Con"))
		},
		"garbage":      func(c net.Conn) { _, _ = c.Write(bytes.Repeat([]byte{0xff, 0, '\n'}, 1000)) },
		"another tune": func(c net.Conn) { _, _ = c.Write([]byte("SSH-2.0-OpenSSH_9.2\r\n")) },
		"endless head": func(c net.Conn) { _, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 20<<20))) },
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = listener.Close() }()
			go func() {
				for {
					c, err := listener.Accept()
					if err != nil {
						return
					}
					go func() {
						answer(c)
						_ = c.Close()
					}()
				}
			}()
			o, log := newTestOutput(t, "url=http://"+listener.Addr().String(), "timeout=500ms")
			start := time.Now()
			if r := o.Flush(t.Context(), "tag", eight()); r != plugin.Retry || metric.Sum(o.report.counts.Delivered) != 0 {
				t.Errorf("got %v: %s", r, log)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// Pushes of one stream come oldest first, whatever happens, with many at once.
func TestOldestFirstPerStream(t *testing.T) {
	var data []byte
	const records = 600
	for i := range records {
		data = appendRecord(data, int64(i)*1e6, "app", fmt.Sprint("s", i%3), "m", fmt.Sprint(i))
	}
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		var mu sync.Mutex
		newest, active, most := map[string]int64{}, 0, 0
		server := startLoki(t, func(push []stream) lokiReply {
			mu.Lock()
			defer mu.Unlock()
			active--
			if random.IntN(8) == 0 {
				return lokiReply{status: 503}
			}
			for _, s := range push {
				for _, l := range s.lines {
					if last, is := newest[s.labels]; is && l.time <= last {
						t.Errorf("%s: %d after %d", s.labels, l.time, last)
					}
					newest[s.labels] = l.time
				}
			}
			return lokiReply{status: 204}
		})
		inner := server.Config.Handler
		server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			mu.Lock()
			active++
			most = max(most, active)
			mu.Unlock()
			inner.ServeHTTP(w, req)
		})
		o, log := newTestOutput(t, "url="+server.URL, "label_keys=app", "batch_size=1Ki", "parallel=3")
		result := plugin.Retry
		for try := 0; result == plugin.Retry && try < 1000; try++ {
			result = o.Flush(t.Context(), "tag", data)
		}
		if n := metric.Sum(o.report.counts.Delivered); result != plugin.OK || n != records || most > 3 {
			t.Fatalf("got %v, %d delivered, %d at once: %s", result, n, most, log)
		}
	}
}

// Equal times keep the order of the chunk.
func TestEqualTimesKeepTheirOrder(t *testing.T) {
	var data []byte
	var want []string
	for i := range 500 {
		data = appendRecord(data, 5, "app", fmt.Sprint(i%2), "i", fmt.Sprint(i))
		if i%2 == 0 {
			want = append(want, fmt.Sprintf(`{"app":"0","i":"%d"}`, i))
		}
	}
	var got []string
	for _, push := range flushed(t, "", data, "label_keys=app", "batch_size=2Ki", "parallel=1") {
		for _, s := range push {
			for _, l := range s.lines {
				if s.labels == `{app="0"}` {
					got = append(got, l.text)
				}
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// A stream that may be refused, or may have to be made, is in no push with another:
// those go oldest first. Of the others, the one with the oldest entry is the last.
func TestPushesByDoubt(t *testing.T) {
	server := startLoki(t, always(204, ""))
	o, _ := newLimitedOutput(t, "url="+server.URL, "label_keys=app", "parallel=1")
	now := time.Now()
	flush := func(apps ...string) (pushes []string) {
		t.Helper()
		var data []byte
		for _, app := range apps {
			at := now
			switch {
			case strings.HasPrefix(app, "old"):
				at = now.Add(-50 * time.Minute)
			case strings.HasPrefix(app, "late"):
				at = now.Add(-10 * time.Minute)
			}
			data = appendRecord(data, at.UnixNano(), "app", app)
		}
		server.pushes = nil
		if r := o.Flush(t.Context(), "tag", data); r != plugin.OK {
			t.Fatal(r)
		}
		for _, push := range server.pushes {
			names := []string{}
			for _, s := range push {
				names = append(names, readLabels(s.labels)[0].value)
			}
			pushes = append(pushes, strings.Join(names, " "))
		}
		return pushes
	}
	for _, step := range []struct{ apps, want []string }{
		{[]string{"a", "b"}, []string{"a", "b"}},
		{[]string{"c", "b", "d", "a"}, []string{"b a", "c", "d"}},
		{[]string{"old1", "a", "old2", "e", "b"}, []string{"a b", "old1", "old2", "e"}},
		{[]string{"old1"}, []string{"old1"}},
		{[]string{"c", "b", "d", "a", "e"}, []string{"c b d a e"}},
		{[]string{"f", "late"}, []string{"late", "f"}},
		{[]string{"late", "a", "f"}, []string{"a f late"}},
	} {
		if got := flush(step.apps...); !slices.Equal(got, step.want) {
			t.Errorf("%v: got %q, want %q", step.apps, got, step.want)
		}
	}
}

func TestGzip(t *testing.T) {
	for _, n := range []int{1, 1000} {
		server := startLoki(t, always(204, ""))
		o, log := newTestOutput(t, "url="+server.URL, "compress=gzip", "label_keys=service")
		if r := o.Flush(t.Context(), "tag", sample(n)); r != plugin.OK {
			t.Fatalf("got %v: %s", r, log)
		}
		lines := 0
		for _, push := range server.pushes {
			for _, s := range push {
				lines += len(s.lines)
			}
		}
		if lines != n || server.heads[0].Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%d lines of %d", lines, n)
		}
	}
}

// A server that hangs keeps a flush for one timeout, however many tenants wait.
func TestManyTenantsAndNoAnswer(t *testing.T) {
	release := make(chan struct{})
	server := startLoki(t, func([]stream) lokiReply { <-release; return lokiReply{status: 204} })
	defer close(release)
	o, log := newTestOutput(t, "url="+server.URL, "label_keys=app", "tenant_id_key=app", "timeout=200ms", "parallel=2")
	var data []byte
	for i := range 50 {
		data = appendRecord(data, 5, "app", fmt.Sprint(i))
	}
	start := time.Now()
	if r := o.Flush(t.Context(), "tag", data); r != plugin.Retry || time.Since(start) > 4*time.Second {
		t.Errorf("got %v after %v: %s", r, time.Since(start), log)
	}
}
