package fault

import (
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// Refuser stands before an HTTP server and refuses half of the requests, at random: with 429
// or 500, and before or after it passed the request on. An error after that is the nasty
// kind: the server has done what the answer denies. It refuses nothing until it is told to.
type Refuser struct {
	server *httptest.Server

	mu     sync.Mutex
	random *rand.Rand
	on     bool
	early  int // refused before the server had them
	late   int // and after
}

// StartRefuser stands before a server at an address without a scheme, for one test. The
// same seed refuses in the same order.
func StartRefuser(t testing.TB, address string, seed uint64) *Refuser {
	t.Helper()
	r := &Refuser{random: rand.New(rand.NewPCG(seed, 0))}
	to := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	to.ErrorLog = log.New(io.Discard, "", 0) // agents that are killed leave in the middle of a push
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { r.pass(w, req, to) }))
	t.Cleanup(r.server.Close)
	return r
}

// Address is where clients connect, without a scheme.
func (r *Refuser) Address() string { return r.server.Listener.Addr().(*net.TCPAddr).String() }

// Refuse begins or ends the refusing.
func (r *Refuser) Refuse(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = on
}

// Refused is how many requests were refused before and after the server had them.
func (r *Refuser) Refused() (early, late int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.early, r.late
}

// fate of a request.
type fate int

const (
	passes fate = iota
	refusedEarly
	refusedLate
)

func (r *Refuser) next() (f fate, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on || r.random.IntN(2) == 0 {
		return passes, 0
	}
	status = http.StatusTooManyRequests
	if r.random.IntN(2) == 0 {
		status = http.StatusInternalServerError
	}
	if r.random.IntN(2) == 0 {
		r.early++
		return refusedEarly, status
	}
	r.late++
	return refusedLate, status
}

func (r *Refuser) pass(w http.ResponseWriter, req *http.Request, to http.Handler) {
	f, status := r.next()
	switch f {
	case passes:
		to.ServeHTTP(w, req)
		return
	case refusedEarly:
		// Read, so that the connection can be used again.
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return
		}
	case refusedLate:
		to.ServeHTTP(httptest.NewRecorder(), req)
	}
	http.Error(w, "refused by the test", status)
}
