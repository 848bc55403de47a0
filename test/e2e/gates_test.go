package e2e_test

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

// gate stands in front of a server and lets in who shows what it demands.
type gate struct {
	*httptest.Server
	refused atomic.Int64
}

// newGate makes one in front of the server at a URL that is not started.
func newGate(t *testing.T, server string, demand func(*http.Request) error) *gate {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	behind := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	g := &gate{}
	g.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := demand(req); err != nil {
			g.refused.Add(1)
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		behind.ServeHTTP(w, req)
	}))
	g.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes of those without a certificate
	t.Cleanup(g.Close)
	return g
}

// startGate starts one without TLS.
func startGate(t *testing.T, server string, demand func(*http.Request) error) *gate {
	t.Helper()
	g := newGate(t, server, demand)
	g.Start()
	return g
}

// startMutual starts one that speaks TLS 1.3 with a caller of a certificate, and returns what
// a client sets for it. Its own name is host.
func startMutual(t *testing.T, server, host, caller string) client {
	t.Helper()
	keys := harness.NewHTTPKeys(t, host, caller)
	g := newGate(t, server, func(req *http.Request) error {
		return demanding(req.TLS.PeerCertificates[0].Subject.CommonName == caller && req.TLS.Version >= tls.VersionTLS13, "TLS 1.3 and a certificate for "+caller)
	})
	g.TLS = keys.Server()
	g.StartTLS()
	return client{g, properties{
		"tls_ca_file": keys.CA, "tls_cert_file": keys.ClientCert, "tls_key_file": keys.ClientKey, "tls_server_name": host, "tls_min_version": "1.3",
	}}
}

// startProxy starts one in front of a server that is asked for by a name which only a proxy
// knows.
func startProxy(t *testing.T, server, name string) client {
	t.Helper()
	g := startGate(t, server, func(req *http.Request) error {
		return demanding(req.URL.Host == name, "to be a proxy")
	})
	return client{g, properties{"url": "http://" + name, "proxy_url": g.URL}}
}

// bearer is the token of a request.
func bearer(req *http.Request) string {
	token, _ := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	return token
}

// demanding is an error unless a demand is met.
func demanding(met bool, what string) error {
	if met {
		return nil
	}
	return errors.New("this server wants " + what)
}

// client is a way to a server that is not open to everybody.
type client struct {
	*gate
	options properties
}
