package httpsend

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func start(t *testing.T, handler http.HandlerFunc, timeout time.Duration) *Client {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	rule := EndpointRule{Path: "/push", Example: "http://x"}
	c, err := New(&Settings{}, "test", "1.2.3", rule.Parse(strings.Replace(s.URL, "://", "://me:hunter2@", 1)), timeout)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestPost(t *testing.T) {
	c := start(t, func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		user, password, _ := req.BasicAuth()
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, strings.Join([]string{req.URL.Path, user, password, req.UserAgent(), req.Header.Get("X-Key"), string(body)}, " "))
	}, time.Minute)
	header := http.Header{"X-Key": {"k"}}
	rep, reusable := c.Post(t.Context(), header, []byte("data"))
	if rep.Err != nil || rep.Status != http.StatusTeapot || rep.RetryAfter != 7*time.Second || !reusable {
		t.Errorf("got %+v, reusable %v", rep, reusable)
	}
	if got, want := string(rep.Body), "/push me hunter2 tidegate/1.2.3 k data"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(header) != 1 {
		t.Errorf("the caller's header is now %v", header)
	}
}

func TestLongAnswerIsBounded(t *testing.T) {
	f := func(size, read int, cut bool, header ...string) {
		t.Helper()
		c := start(t, func(w http.ResponseWriter, _ *http.Request) {
			for _, length := range header {
				w.Header().Set("Content-Length", length)
			}
			_, _ = io.WriteString(w, strings.Repeat("x", size))
		}, time.Minute)
		if rep, _ := c.Post(t.Context(), nil, nil); len(rep.Body) != read || rep.Cut != cut || rep.Err != nil {
			t.Errorf("%d bytes: read %d, cut %v, %v", size, len(rep.Body), rep.Cut, rep.Err)
		}
	}
	f(0, 0, false)
	f(maxReply, maxReply, false)
	f(maxReply+1, maxReply, true)
	f(2*maxReply, maxReply, true)
	// One that breaks off.
	f(10, 10, true, "20")
}

// A redirect is an answer like any other.
func TestNoRedirects(t *testing.T) {
	c := start(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "/elsewhere", http.StatusFound)
	}, time.Minute)
	if rep, _ := c.Post(t.Context(), nil, []byte("data")); rep.Status != http.StatusFound {
		t.Errorf("got %+v", rep)
	}
}

func TestDeadline(t *testing.T) {
	release := make(chan struct{})
	c := start(t, func(http.ResponseWriter, *http.Request) { <-release }, 50*time.Millisecond)
	defer close(release)
	if rep, _ := c.Post(t.Context(), nil, []byte("data")); rep.Err == nil || !strings.Contains(rep.Err.Error(), "deadline exceeded") || strings.Contains(rep.Err.Error(), "hunter2") {
		t.Errorf("got %v", rep.Err)
	}
}
