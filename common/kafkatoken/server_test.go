package kafkatoken

import (
	"context"
	"encoding/pem"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	writeTo(t, path, text)
	return path
}

func writeTo(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// answering is a token server that answers as told and keeps the last request.
type answering struct {
	*httptest.Server
	form     url.Values
	id, pass string
	requests int
}

func answer(t *testing.T, status int, kind, body string) *answering {
	t.Helper()
	a := &answering{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		a.requests++
		a.id, a.pass, _ = req.BasicAuth()
		_ = req.ParseForm()
		a.form = req.PostForm
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(a.Close)
	return a
}

const asJSON = "application/json;charset=UTF-8"

func ask(t *testing.T, s ServerSettings) (Token, error) {
	t.Helper()
	source, err := NewServer(s)
	if err != nil {
		t.Fatal(err)
	}
	return source.Token(t.Context())
}

func TestServerRequest(t *testing.T) {
	a := answer(t, 200, asJSON, `{"access_token":"abc","token_type":"Bearer","expires_in":60}`)
	settings := ServerSettings{
		URL: a.URL, ClientID: "an id", SecretFile: writeFile(t, "s%cret+\n"), Scope: "a b", Params: map[string]string{"audience": "k"},
	}
	if _, err := ask(t, settings); err != nil {
		t.Fatal(err)
	}
	if a.id != "an+id" || a.pass != "s%25cret%2B" { // escaped, RFC 6749, section 2.3.1
		t.Errorf("credentials %q %q", a.id, a.pass)
	}
	if got := a.form.Encode(); got != "audience=k&grant_type=client_credentials&scope=a+b" {
		t.Errorf("form %s", got)
	}

	settings.SecretFile, settings.AssertionFile = "", writeFile(t, "a.b.c\n")
	if _, err := ask(t, settings); err != nil {
		t.Fatal(err)
	}
	if a.id != "" || a.form.Get("client_assertion") != "a.b.c" || a.form.Get("client_id") != "an id" || a.form.Has("client_secret") ||
		a.form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		t.Errorf("id %q, form %v", a.id, a.form)
	}
}

// The secret's file is read for each token: it may change.
func TestServerSecretChanges(t *testing.T) {
	a := answer(t, 200, asJSON, `{"access_token":"abc","expires_in":60}`)
	path := writeFile(t, "one")
	source, err := NewServer(ServerSettings{URL: a.URL, ClientID: "id", SecretFile: path})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"one", "two"} {
		writeTo(t, path, secret)
		if _, err := source.Token(t.Context()); err != nil || a.pass != secret {
			t.Errorf("sent %q, not %q: %v", a.pass, secret, err)
		}
	}
}

func TestServerExpiry(t *testing.T) {
	now := time.Now()
	f := func(body string, life time.Duration, principal string) {
		t.Helper()
		a := answer(t, 200, asJSON, body)
		got, err := ask(t, ServerSettings{URL: a.URL, ClientID: "id", Secret: "s"})
		if off := got.Expires.Sub(now) - life; err != nil || off < -2*time.Second || off > 10*time.Second || got.Principal != principal {
			t.Errorf("%s: %v %+v", body, err, got)
		}
	}
	exp := jwt(`{"sub":"agent","exp":` + now.Add(2*time.Hour).UTC().Format("20060102") + `}`) // long ago
	f(`{"access_token":"abc","expires_in":60}`, time.Minute, "id")
	f(`{"access_token":"abc","expires_in":"60"}`, time.Minute, "id")
	f(`{"access_token":"`+exp+`","expires_in":60}`, time.Minute, "agent") // whatever the clocks are
	f(`{"access_token":"abc"}`, unknownLife, "id")
	f(`{"access_token":"abc","expires_in":9000000000000000000}`, math.MaxInt32*time.Second, "id")
}

// What a server answers stands in one error, without the secret.
func TestServerErrors(t *testing.T) {
	f := func(status int, kind, body, want string) {
		t.Helper()
		a := answer(t, status, kind, body)
		_, err := ask(t, ServerSettings{URL: a.URL, ClientID: "id", Secret: "hush+hush"})
		if err == nil || oneLine(strings.ReplaceAll(err.Error(), a.URL, "URL")) != want {
			t.Errorf("%d %s:\ngot  %v\nwant %s", status, body, err, want)
		}
	}
	f(401, asJSON, `{"error":"invalid_client","error_description":"Invalid client"}`, "the token server URL answered 401 Unauthorized: invalid_client: Invalid client")
	f(400, asJSON, `{"error":"invalid_scope"}`, "the token server URL answered 400 Bad Request: invalid_scope")
	f(400, asJSON, `{"error":"x","error_description":"no such secret: hush+hush, hush%2Bhush\nfoo"}`, "the token server URL answered 400 Bad Request: x: no such secret: <secret>, <secret> foo")
	f(503, "text/html", `<html>hush+hush`, "the token server URL answered 503 Service Unavailable")
	f(307, "text/html", ``, "the token server URL answered 307 Temporary Redirect")
	f(200, asJSON, `{"error":"slow_down"}`, "the token server URL answered 200 OK: slow_down")
	f(200, asJSON, `{}`, "the answer of the token server URL: server response missing access_token")
	f(200, asJSON, `<html>`, "the answer of the token server URL: cannot parse json: invalid character '<' looking for beginning of value")
}

func TestServerAway(t *testing.T) {
	a := answer(t, 200, asJSON, `{}`)
	a.Close()
	_, err := ask(t, ServerSettings{URL: a.URL, ClientID: "id", Secret: "s"})
	if err == nil || !strings.HasPrefix(err.Error(), "asking the token server "+a.URL+": dial tcp") || !strings.HasSuffix(err.Error(), "connection refused") {
		t.Errorf("got %v", err)
	}
}

func TestServerSilent(t *testing.T) {
	stop := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	defer silent.Close()
	defer close(stop)
	source, err := NewServer(ServerSettings{URL: silent.URL, ClientID: "id", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := source.Token(ctx); err == nil || err.Error() != "the token server "+silent.URL+" did not answer in time" {
		t.Errorf("got %v", err)
	}
}

func TestServerTLS(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", asJSON)
		_, _ = io.WriteString(w, `{"access_token":"abc","expires_in":60}`)
	}))
	defer secure.Close()
	secure.Config.ErrorLog = nil
	settings := ServerSettings{URL: secure.URL, ClientID: "id", Secret: "s"}
	if _, err := ask(t, settings); err == nil || !strings.Contains(err.Error(), "certificate signed by unknown authority") {
		t.Errorf("an unknown authority: %v", err)
	}
	settings.CAFile = writeFile(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})))
	if _, err := ask(t, settings); err != nil {
		t.Error(err)
	}
	settings.CAFile = writeFile(t, "none")
	if _, err := NewServer(settings); err == nil || !strings.HasSuffix(err.Error(), "holds no certificate in PEM form") {
		t.Errorf("got %v", err)
	}
}
