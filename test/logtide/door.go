package logtide

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// maxBody is how large a request may be.
const maxBody = 50_000_000

// endpoint reads the logs out of a body. A reply with a status other than 200
// refuses all of them.
type endpoint func(body []byte, contentType string) ([]Log, reply)

// door is what every request passes before its body is looked at, in the
// server's order: rate limit, key, size, content type.
func (h *Handler) door(to endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if wait := h.overLimit(time.Now()); wait > 0 {
			r := refusal(http.StatusTooManyRequests, "Rate limit exceeded")
			r.header = http.Header{"Retry-After": {strconv.Itoa(int((wait + time.Second - 1) / time.Second))}}
			h.finish(w, req, 0, r)
			return
		}
		if !h.isKey(req.Header.Get("X-API-Key")) {
			h.finish(w, req, 0, refusal(http.StatusUnauthorized, "Missing or invalid API key"))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			h.finish(w, req, maxBody, refusal(http.StatusRequestEntityTooLarge, "Request body is too large"))
			return
		case err != nil:
			return // the client gave up
		}
		contentType, _, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
		if err != nil || contentType != "application/json" && contentType != "application/x-ndjson" {
			h.finish(w, req, len(body), refusal(http.StatusUnsupportedMediaType, "Unsupported Media Type"))
			return
		}
		h.settle(w, req, body, contentType, to)
	})
}

func (h *Handler) isKey(key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return key != "" && key == h.key
}

// settle answers as the script says, else by the rules.
func (h *Handler) settle(w http.ResponseWriter, req *http.Request, body []byte, contentType string, to endpoint) {
	scripted, is := h.nextAnswer()
	logs, r := to(body, contentType)
	if r.status == http.StatusOK && (!is || scripted.Store) {
		h.keep(logs)
	}
	if is {
		if scripted.Hangup {
			h.note(req, len(body), 0, 0)
			panic(http.ErrAbortHandler) // net/http closes the connection and logs nothing
		}
		r = reply{status: scripted.Status, body: []byte(scripted.Body), header: scripted.Header}
	}
	r.logs = len(logs)
	h.finish(w, req, len(body), r)
}
