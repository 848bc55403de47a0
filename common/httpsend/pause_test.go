package httpsend_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/httpsend"
)

// TestPause holds that a server that answers nothing is left alone for a
// while, as one that asks for it, and that one that refuses is not.
func TestPause(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/silent":
			<-release
		case "/busy":
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer server.Close()
	defer close(release)
	for target, want := range map[string]time.Duration{
		server.URL + "/silent": 3 * time.Second,
		server.URL + "/busy":   7 * time.Second,
		server.URL + "/":       0,
		"http://127.0.0.1:1/":  0,
	} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		client, err := httpsend.New("test", "1", httpsend.Endpoint{URL: u}, 200*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		reply, _ := client.Post(t.Context(), nil, []byte("x"))
		if got := reply.Pause(); got != want {
			t.Errorf("%s: pause %v, want %v (%v)", target, got, want, reply.Err)
		}
		client.Close()
	}
}
