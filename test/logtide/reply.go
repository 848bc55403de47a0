package logtide

import (
	"encoding/json"
	"net/http"
	"time"
)

// reply is an answer that is not sent yet.
type reply struct {
	status int
	header http.Header
	body   []byte
	// logs is how many the request held, as far as it was read.
	logs int
}

// problem is one broken rule.
type problem struct {
	Path    []any  `json:"path"`
	Message string `json:"message"`
}

// refusal makes a reply with an error, and the details where there are some.
func refusal(status int, text string, details ...problem) reply {
	body, _ := json.Marshal(struct {
		StatusCode int       `json:"statusCode"`
		Error      string    `json:"error"`
		Details    []problem `json:"details,omitempty"`
	}{status, text, details}) // of strings and numbers only: it never fails
	return reply{status: status, body: body}
}

// accept says that n logs were received.
func accept(n int) reply {
	body, _ := json.Marshal(struct {
		Received  int    `json:"received"`
		Timestamp string `json:"timestamp"`
	}{n, time.Now().UTC().Format("2006-01-02T15:04:05.000Z")})
	return reply{status: http.StatusOK, body: body}
}

// finish remembers the request and sends the reply.
func (h *Handler) finish(w http.ResponseWriter, req *http.Request, size int, r reply) {
	h.note(req, size, r.status, r.logs)
	for name, values := range r.header {
		w.Header()[name] = values
	}
	if len(r.body) > 0 && r.body[0] == '{' {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // a client that is gone needs no answer
}
