// Package schemaregistry is a server that holds the contract of a Confluent
// Schema Registry, for tests: what clients and serializers ask of its REST
// interface, from the public reference of that.
//
//	GET  /schemas/ids/{id}                         a schema
//	GET  /schemas/ids/{id}/schema                  its text alone
//	GET  /schemas/ids/{id}/versions                where it is registered
//	GET  /schemas/types
//	GET  /subjects
//	POST /subjects/{subject}                       look a schema up
//	GET  /subjects/{subject}/versions
//	POST /subjects/{subject}/versions              register a schema
//	GET  /subjects/{subject}/versions/{version}    a number or latest
//	GET  /subjects/{subject}/versions/{version}/schema
//	GET  /config, /config/{subject}                always NONE
//
// Equal schemas have one id. It does not judge schemas beyond their being JSON
// whose references exist, checks no compatibility, and deletes nothing.
package schemaregistry

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// Handler is the registry's HTTP interface. It is safe for concurrent use.
type Handler struct {
	mux *http.ServeMux

	mu       sync.Mutex
	schemas  []Schema // the id is the index plus one
	subjects map[string][]int
	user     string
	password string
	script   []Answer
	requests []Request
}

// Schema is one as it is registered.
type Schema struct {
	Text       string      `json:"schema"`
	Type       string      `json:"schemaType,omitempty"` // empty for AVRO, as the registry has it
	References []Reference `json:"references,omitempty"`
}

// Reference is a schema that another names types of.
type Reference struct {
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Version int    `json:"version"`
}

// Answer is what a request is answered instead of what was asked for.
type Answer struct {
	Status int
	Body   string
	Header http.Header
	// Hangup closes the connection without an answer.
	Hangup bool
}

// Request is what came, and what it was answered.
type Request struct {
	Method, Path string
	// Status is 0 where the connection was closed.
	Status int
}

// New returns a Handler without schemas that lets everyone in.
func New() *Handler {
	h := &Handler{mux: http.NewServeMux(), subjects: map[string][]int{}}
	for pattern, to := range map[string]endpoint{
		"GET /schemas/ids/{id}":                             h.byID,
		"GET /schemas/ids/{id}/schema":                      h.textByID,
		"GET /schemas/ids/{id}/versions":                    h.versionsOfID,
		"GET /schemas/types":                                h.types,
		"GET /subjects":                                     h.listSubjects,
		"POST /subjects/{subject}":                          h.lookUp,
		"GET /subjects/{subject}/versions":                  h.listVersions,
		"POST /subjects/{subject}/versions":                 h.register,
		"GET /subjects/{subject}/versions/{version}":        h.byVersion,
		"GET /subjects/{subject}/versions/{version}/schema": h.textByVersion,
		"GET /config":                                       h.compatibility,
		"GET /config/{subject}":                             h.compatibility,
		"/":                                                 h.nothing,
	} {
		h.mux.Handle(pattern, h.door(to))
	}
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) { h.mux.ServeHTTP(w, req) }

// Server is a Handler that listens.
type Server struct {
	*Handler
	// URL has no path.
	URL string
	// HTTP is the server itself, with its certificate.
	HTTP *httptest.Server
}

// Start serves on 127.0.0.1, at a free port, until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	return start(t, (*httptest.Server).Start, nil)
}

// StartTLS is Start with TLS, by a certificate of its own where settings have
// none.
func StartTLS(t testing.TB, settings *tls.Config) *Server {
	t.Helper()
	return start(t, (*httptest.Server).StartTLS, settings)
}

func start(t testing.TB, by func(*httptest.Server), settings *tls.Config) *Server {
	h := New()
	s := httptest.NewUnstartedServer(h)
	s.TLS = settings
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // a client that refuses our certificate is what tests want
	by(s)
	t.Cleanup(s.Close)
	return &Server{Handler: h, URL: s.URL, HTTP: s}
}

// RequireUser lets in only who has that user and password.
func (h *Handler) RequireUser(user, password string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.user, h.password = user, password
}

// Script has the next requests answered so, in that order.
func (h *Handler) Script(answers ...Answer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.script = append(h.script, answers...)
}

// Requests returns every request, in the order of the answers.
func (h *Handler) Requests() []Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Request(nil), h.requests...)
}
