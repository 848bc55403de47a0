package httpsend

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/options"
)

var rule = EndpointRule{Path: "/push", Example: "http://x"}

// settings reads options as a plugin does.
func settings(to Endpoint, given ...string) (*Settings, options.Table, string) {
	s := &Settings{}
	table := s.Options()
	err := table.Parse(func(name string) (string, bool) {
		for _, g := range given {
			if n, v, _ := strings.Cut(g, "="); n == name {
				return v, true
			}
		}
		return "", false
	})
	problems := options.Problems(err)
	if more := options.Problems(s.Validate(to)); more != "" {
		problems = strings.Trim(problems+"; "+more, "; ")
	}
	return s, table, problems
}

// sent makes a request and returns the answer.
func sent(t *testing.T, to string, given ...string) Reply {
	t.Helper()
	e := rule.Parse(to)
	s, _, problems := settings(e, given...)
	if problems != "" {
		t.Fatal(problems)
	}
	c, err := New(s, "test", "1.2.3", e, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	rep, _ := c.Post(t.Context(), http.Header{"X-Own": {"1"}}, []byte("data"))
	return rep
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// echo answers with what an operator's settings change in a request.
func echo(w http.ResponseWriter, req *http.Request) {
	_, _ = fmt.Fprint(w, req.Header.Get("Authorization"), "|", req.Header.Values("X-Cluster"), "|", req.Header.Get("X-Own"))
}

func TestCredentials(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	dir := t.TempDir()
	password := write(t, filepath.Join(dir, "password"), "hunter2\n")
	for want, given := range map[string][]string{
		"|[]|1":                       nil,
		"Basic bWU6aHVudGVyMg==|[]|1": {"http_user=me", "http_passwd_file=" + password},
		"Basic bWU6aHVudGVyMw==|[]|1": {"http_user=me", "http_passwd=hunter3"},
		"Bearer abc|[]|1":             {"bearer_token=abc"},
		"|[eu-1 eu-2]|1":              {"header=X-Cluster eu-1, x-cluster=eu-2"},
		"Digest x|[]|1":               {"header=Authorization Digest x"},
		"Bearer hunter2|[eu-1]|1":     {"bearer_token_file=" + password, "header=X-Cluster=eu-1"},
		"Basic dTo=|[]|1":             {"http_user=u"},
	} {
		if rep := sent(t, server.URL, given...); rep.Err != nil || string(rep.Body) != want {
			t.Errorf("%q: got %q, %v, want %q", given, rep.Body, rep.Err, want)
		}
	}
}

// A token file that changes is read again, without a restart.
func TestTokenFileIsReadAgain(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "token")
	e := rule.Parse(server.URL)
	s, _, _ := settings(e, "bearer_token_file="+file)
	c, err := New(s, "test", "1", e, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if rep, _ := c.Post(t.Context(), nil, nil); rep.Err == nil {
		t.Errorf("sent without a token: %s", rep.Body)
	}
	for _, token := range []string{"one", "two"} {
		write(t, file, token)
		if rep, _ := c.Post(t.Context(), nil, nil); !strings.HasPrefix(string(rep.Body), "Bearer "+token+"|") {
			t.Errorf("got %s, %v", rep.Body, rep.Err)
		}
	}
}

func TestOAuth(t *testing.T) {
	grants := 0
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		grants++
		id, secret, _ := req.BasicAuth()
		if id != "me" || secret != "hunter2" || req.FormValue("scope") != "logs:write" || req.FormValue("audience") != "loki" {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"t0k3n","token_type":"bearer","expires_in":3600}`)
	}))
	defer tokens.Close()
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	secret := write(t, filepath.Join(t.TempDir(), "secret"), "hunter2")
	rep := sent(t, server.URL, "http_oauth_token_url="+tokens.URL, "http_oauth_client_id=me", "http_oauth_client_secret_file="+secret,
		"http_oauth_scopes=logs:write", "http_oauth_params=audience=loki")
	if rep.Err != nil || string(rep.Body) != "Bearer t0k3n|[]|1" || grants != 1 {
		t.Errorf("got %q, %v after %d grants", rep.Body, rep.Err, grants)
	}
	rep = sent(t, server.URL, "http_oauth_token_url="+tokens.URL, "http_oauth_client_id=me", "http_oauth_client_secret=wr0ng")
	if rep.Err == nil || strings.Contains(rep.Err.Error(), "wr0ng") {
		t.Errorf("got %+v", rep)
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(echo))
	defer server.Close()
	ca := write(t, filepath.Join(t.TempDir(), "ca.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	good := func(given ...string) {
		t.Helper()
		if rep := sent(t, server.URL, given...); rep.Err != nil || rep.Status != http.StatusOK {
			t.Errorf("%q: %v", given, rep.Err)
		}
	}
	bad := func(want string, given ...string) {
		t.Helper()
		rep := sent(t, server.URL, given...)
		if rep.Err == nil || !strings.Contains(rep.Err.Error(), want) {
			t.Errorf("%q: %v, want %s", given, rep.Err, want)
		}
		if told := fmt.Sprint(rep.Attrs()...); !strings.Contains(told, "check=") || !strings.Contains(told, "tls_") {
			t.Errorf("%q: nothing to check in %s", given, told)
		}
	}
	good("tls_ca_file=" + ca)
	good("tls_ca_file="+ca, "tls_min_version=1.3", "tls_server_name=example.com")
	good("tls_insecure_skip_verify=on")
	bad("unknown authority")
	bad("loki.internal", "tls_ca_file="+ca, "tls_server_name=loki.internal")
}

func TestProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, "for "+req.URL.Host+" "+req.Header.Get("Proxy-Authorization"))
	}))
	defer proxy.Close()
	to := strings.Replace(proxy.URL, "://", "://me:hunter2@", 1)
	if rep := sent(t, "http://loki.example:3100", "proxy_url="+to); string(rep.Body) != "for loki.example:3100 Basic bWU6aHVudGVyMg==" {
		t.Errorf("got %q, %v", rep.Body, rep.Err)
	}
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	if rep := sent(t, server.URL, "proxy_url="+to, "no_proxy=127.0.0.0/8"); string(rep.Body) != "||[]|1"[1:] {
		t.Errorf("got %q, %v", rep.Body, rep.Err)
	}
	_, table, _ := settings(Endpoint{}, "proxy_url="+to, "http_user=me", "http_passwd=hunter3", "header=X-Key=hunter4", "bearer_token=hunter5", "http_oauth_client_secret=hunter6")
	if got := table.Effective(); strings.Contains(got, "hunter") {
		t.Errorf("printed %s", got)
	}
}

func TestWrongSettings(t *testing.T) {
	f := func(want string, given ...string) {
		t.Helper()
		to := Endpoint{}
		if given[0] == "user" {
			to.User = url.User("me")
		}
		if _, _, got := settings(to, given...); got != want {
			t.Errorf("%q:\n got %s\nwant %s", given, got, want)
		}
	}
	f("a user in url and bearer_token are set: set one way to log in", "user", "bearer_token=x")
	f("http_user is required with http_passwd", "http_passwd=x")
	f("http_passwd and http_passwd_file are both set: set one of them", "http_user=u", "http_passwd=x", "http_passwd_file=y")
	f("http_oauth_token_url is required with http_oauth_*", "http_oauth_client_id=x")
	f("http_oauth_client_id is required with http_oauth_token_url; http_oauth_client_secret or http_oauth_client_secret_file is required with http_oauth_token_url", "http_oauth_token_url=http://x")
	f("tls_cert_file and tls_key_file belong together: set both", "tls_key_file=x")
	f("no_proxy has no use without a proxy_url that names a proxy", "no_proxy=x", "proxy_url=from_environment")
	f("header must be a list of name=value", "header=hunter2")
	f("header must not have User-Agent, which is set otherwise", "header=user-agent=a")
	f("header must have only names and values that a header of HTTP may have", "header=a(b=hunter2")
	f(`proxy_url "ftp://x" must start with http://, https:// or socks5://`, "proxy_url=ftp://x")
	f(`tls_min_version "1.0" must be one of 1.2, 1.3`, "tls_min_version=1.0")
}

func FuzzHeader(f *testing.F) {
	f.Add("X-A=b,C d")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := parseHeader(text)
		for name, values := range l.header {
			if err != nil || !validName(name) || strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
				t.Errorf("%q: %q %q, %v", text, name, values, err)
			}
		}
	})
}

// keyPair writes a new certificate of that name, and its key.
func keyPair(t *testing.T, name, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, keyFile, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

// A client's certificate is rotated without a restart: the next connection has
// the new one.
func TestClientCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, req.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	defer server.Close()
	ca := write(t, filepath.Join(dir, "ca.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	e := rule.Parse(server.URL)
	for _, trust := range []string{"tls_insecure_skip_verify=on", "tls_ca_file=" + ca} {
		keyPair(t, "one", certFile, keyFile)
		s, _, _ := settings(e, trust, "tls_cert_file="+certFile, "tls_key_file="+keyFile)
		c, err := New(s, "test", "1", e, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, name := range []string{"one", "two"} {
			keyPair(t, name, certFile, keyFile)
			c.Close() // so that the next request connects anew
			if rep, _ := c.Post(t.Context(), nil, nil); string(rep.Body) != name {
				t.Errorf("%s: got %q, %v, want %s", trust, rep.Body, rep.Err, name)
			}
		}
	}
}

// What a TLS handshake fails for is told with what to check, and other errors are not.
func TestTLSChecks(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(echo))
	defer plain.Close()
	wary := httptest.NewUnstartedServer(http.HandlerFunc(echo))
	wary.Config.ErrorLog = log.New(io.Discard, "", 0)
	wary.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12} // in 1.3 the alert can come after the request failed
	wary.StartTLS()
	defer wary.Close()
	f := func(want, url string, given ...string) {
		t.Helper()
		rep := sent(t, url, given...)
		if got := check(rep.Err); rep.Err == nil || got != want {
			t.Errorf("%v: got %q, want %q", rep.Err, got, want)
		}
	}
	f("whether the port of url speaks TLS", strings.Replace(plain.URL, "http:", "https:", 1))
	f("tls_cert_file, tls_key_file and tls_min_version: the server refuses this client", wary.URL, "tls_insecure_skip_verify=on")
	f("tls_ca_file: the authority of the server's certificate", wary.URL)
	f("", "http://127.0.0.1:1")
}
