package logtide

import (
	"net/http"
	"time"
)

// Answer is one that a test asks for.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	// Store keeps the logs if they are good, whatever the answer says.
	Store bool
	// Hangup closes the connection instead of answering.
	Hangup bool
}

// Next gives the answer to the next n requests that have the right key and are
// not limited. Several calls queue up.
func (h *Handler) Next(n int, a Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for range n {
		h.script = append(h.script, a)
	}
}

// nextAnswer takes the first answer of the script.
func (h *Handler) nextAnswer() (a Answer, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.script) == 0 {
		return a, false
	}
	a, h.script = h.script[0], h.script[1:]
	return a, true
}

// window counts requests over a span that starts with the first of them.
type window struct {
	most  int
	per   time.Duration
	ends  time.Time
	count int
}

// overLimit counts a request. It returns how long the window still lasts if the
// request is one too many, else 0.
func (h *Handler) overLimit(now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := &h.limit
	if w.most == 0 {
		return 0
	}
	if !now.Before(w.ends) {
		w.ends, w.count = now.Add(w.per), 0
	}
	if w.count++; w.count <= w.most {
		return 0
	}
	return w.ends.Sub(now)
}
