package schemaregistry

import (
	"encoding/json"
	"net/http"
)

// contentType is what the registry answers with.
const contentType = "application/vnd.schemaregistry.v1+json"

// Error codes: the status, and behind it what exactly.
const (
	noSubject      = 40401
	noVersion      = 40402
	noSchema       = 40403
	invalidSchema  = 42201
	invalidVersion = 42202
)

// endpoint answers a request with a value for JSON, or refuses it. It is called
// with the lock held.
type endpoint func(req *http.Request) (any, *refusal)

// refusal is the registry's document for an error.
type refusal struct {
	Code    int    `json:"error_code"`
	Message string `json:"message"`
}

func refuse(code int, message string) *refusal { return &refusal{code, message} }

// status is the code without its last two digits, if it has them.
func (r *refusal) status() int {
	if r.Code > 999 {
		return r.Code / 100
	}
	return r.Code
}

// door is what every request passes: what the test wants instead of an answer,
// then the user.
func (h *Handler) door(to endpoint) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h.mu.Lock()
		defer h.mu.Unlock()
		note := Request{Method: req.Method, Path: req.URL.EscapedPath()}
		defer func() { h.requests = append(h.requests, note) }()
		if len(h.script) > 0 {
			a := h.script[0]
			h.script = h.script[1:]
			if a.Hangup {
				panic(http.ErrAbortHandler) // net/http closes the connection and logs nothing
			}
			note.Status = a.Status
			for name, values := range a.Header {
				w.Header()[name] = values
			}
			w.WriteHeader(a.Status)
			_, _ = w.Write([]byte(a.Body)) // whoever hung up reads no answer
			return
		}
		note.Status = h.serve(w, req, to)
	})
}

func (h *Handler) serve(w http.ResponseWriter, req *http.Request, to endpoint) (status int) {
	var value any
	var no *refusal
	if user, password, _ := req.BasicAuth(); h.user != "" && (user != h.user || password != h.password) {
		w.Header().Set("WWW-Authenticate", `Basic realm="SchemaRegistry"`)
		no = refuse(http.StatusUnauthorized, "Unauthorized")
	} else {
		value, no = to(req)
	}
	status = http.StatusOK
	if no != nil {
		value, status = no, no.status()
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // whoever hung up reads no answer
	return status
}

func (h *Handler) nothing(*http.Request) (any, *refusal) {
	return nil, refuse(http.StatusNotFound, "HTTP 404 Not Found")
}

func (h *Handler) types(*http.Request) (any, *refusal) {
	return []string{"JSON", "PROTOBUF", "AVRO"}, nil
}

func (h *Handler) compatibility(*http.Request) (any, *refusal) {
	return map[string]string{"compatibilityLevel": "NONE"}, nil
}
