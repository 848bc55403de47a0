// Package tokenserver is a token server as companies run one, for tests: OAuth 2 client
// credentials (RFC 6749, section 4.4) with tokens that are signed JWTs, the keys to hold them
// against (RFC 7517), and the part of AWS that MSK's IAM login needs: assuming a role, and
// telling whether a signed URL is good.
//
// The keys and AWS are always there, at addresses of their own; what gives the tokens can be
// stopped and started again. Everything is in memory and on loopback.
package tokenserver

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// The one audience and the one scope there are.
const (
	Audience = "kafka"
	Scope    = "kafka.logs"
)

// Server is a running one. It is safe for concurrent use.
type Server struct {
	key     *rsa.PrivateKey
	address string // of the tokens, kept while stopped
	always  *http.Server
	base    string // URL of what is always there

	mu      sync.Mutex
	tokens  *http.Server // nil while stopped
	clients map[string]string
	life    time.Duration
	issued  []Issued
	refused int
	aws     awsState
}

// Issued is a token that was given.
type Issued struct {
	Client string
	At     time.Time
	Proof  string // basic, post, or assertion
}

// New starts a server whose tokens live an hour.
func New() (*Server, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	s := &Server{key: key, clients: map[string]string{}, life: time.Hour}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /keys", s.serveKeys)
	mux.HandleFunc("POST /introspect", s.introspect)
	mux.HandleFunc("POST /{$}", s.sts)
	s.base = "http://" + l.Addr().String()
	s.always = serve(l, mux)
	if err := s.Start(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func serve(l net.Listener, h http.Handler) *http.Server {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Close
	return server
}

// Start gives tokens, again at the same address.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tokens != nil {
		return errors.New("the token server runs")
	}
	address := s.address
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	s.address = l.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", s.token)
	s.tokens = serve(l, mux)
	return nil
}

// Stop refuses connections until Start.
func (s *Server) Stop() {
	s.mu.Lock()
	server := s.tokens
	s.tokens = nil
	s.mu.Unlock()
	if server != nil {
		_ = server.Close() // nothing is left to do about it
	}
}

// Close ends all of it.
func (s *Server) Close() {
	s.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.always.Shutdown(ctx)
}

// TokenURL is where tokens are given.
func (s *Server) TokenURL() string { return "http://" + s.address + "/token" }

// Issuer is what tokens say they are from.
func (s *Server) Issuer() string { return "http://" + s.address }

// KeysURL is where the keys are.
func (s *Server) KeysURL() string { return s.base + "/keys" }

// IntrospectURL tells whether a token of AWS is good.
func (s *Server) IntrospectURL() string { return s.base + "/introspect" }

// AWSURL is that of AWS's token service, STS.
func (s *Server) AWSURL() string { return s.base + "/" }

// AddClient makes a client known.
func (s *Server) AddClient(id, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[id] = secret
}

// SetLife is how long tokens live that are given from now on.
func (s *Server) SetLife(life time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = life
}

// Issued are the tokens that were given to a client.
func (s *Server) Issued(client string) (list []Issued) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, issued := range s.issued {
		if issued.Client == client {
			list = append(list, issued)
		}
	}
	return list
}

// Refused is how many requests got no token.
func (s *Server) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}
