// Package logtide is a server that holds LogTide's ingest contract, for tests:
// the rules of LogTide 0.5.0, each as strict as it is known, and
// stricter where a lenient server would lose something silently (fields that the
// contract does not name, bytes that are not UTF-8).
//
// It remembers every log that it accepted, and each request with what it was
// answered. Tests can ask it to answer the next requests otherwise, and to limit
// their rate.
package logtide

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// DefaultKey is what a server takes as X-API-Key unless it is told otherwise.
const DefaultKey = "lp_0123456789abcdef"

// Handler is LogTide's HTTP interface. It is safe for concurrent use.
type Handler struct {
	mux *http.ServeMux

	mu       sync.Mutex
	key      string
	logs     []Log
	requests []Request
	script   []Answer
	limit    window
}

// New returns a Handler that has no logs and takes DefaultKey.
func New() *Handler {
	h := &Handler{key: DefaultKey, mux: http.NewServeMux()}
	h.mux.Handle("POST /api/v1/ingest", h.door(ingest))
	h.mux.Handle("POST /api/v1/ingest/single", h.door(ingestSingle))
	h.mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		h.finish(w, req, 0, refusal(http.StatusNotFound, "Route "+req.Method+":"+req.URL.Path+" not found"))
	})
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) { h.mux.ServeHTTP(w, req) }

// Server is a Handler that listens.
type Server struct {
	*Handler
	// URL has no path.
	URL string
}

// Start serves on 127.0.0.1, at a free port, until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	h := New()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &Server{Handler: h, URL: s.URL}
}

// SetKey makes key the only one that is taken.
func (h *Handler) SetKey(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.key = key
}

// Limit lets requests of each window pass, and answers 429 to the others. No
// requests lift the limit.
func (h *Handler) Limit(requests int, per time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.limit = window{most: requests, per: per}
}
