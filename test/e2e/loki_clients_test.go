package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/tokenserver"
)

// lokiClients are all ways there are, by name. token is what the way with a token from a file
// demands.
func lokiClients(t *testing.T, l *harness.Loki, token *atomic.Value, tokenFile string) map[string]client {
	t.Helper()
	const caller = "agent-7"
	basic := startGate(t, l.URL, func(req *http.Request) error {
		user, password, _ := req.BasicAuth()
		return demanding(user == "tenant-1" && password == "hush-basic: 8+Q=%", "a password")
	})
	rotated := startGate(t, l.URL, func(req *http.Request) error {
		return demanding(bearer(req) == token.Load(), "its token")
	})
	fixed := startGate(t, l.URL, func(req *http.Request) error {
		return demanding(bearer(req) == "hush-bearer", "a token")
	})
	tokens, err := tokenserver.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tokens.Close)
	tokens.AddClient(caller, clientSecret)
	granted := startGate(t, l.URL, func(req *http.Request) error {
		return demanding(tokens.Good(bearer(req), caller), "a token that was granted")
	})
	headed := startGate(t, l.URL, func(req *http.Request) error {
		return demanding(req.Header.Get("X-Cluster") == "eu-1" && req.Header.Get("X-Key") == "hush-header", "headers")
	})
	return map[string]client{
		"mutual_tls": startMutual(t, l.URL, "loki.internal", caller),
		"password":   {basic, properties{"http_user": "tenant-1", "http_passwd_file": secretFile(t, "hush-basic: 8+Q=%")}},
		"rotated":    {rotated, properties{"bearer_token_file": tokenFile}},
		"token":      {fixed, properties{"bearer_token": "hush-bearer"}},
		"oauth": {granted, properties{
			"http_oauth_token_url": tokens.TokenURL(), "http_oauth_client_id": caller, "http_oauth_client_secret_file": secretFile(t, clientSecret),
			"http_oauth_scopes": tokenserver.Scope, "http_oauth_params": "audience=loki",
		}},
		"headers": {headed, properties{"header": "X-Cluster=eu-1,X-Key hush-header"}},
		"proxy":   startProxy(t, l.URL, "loki.invalid:3100"),
	}
}

// Fluent Bit leaves the options of the HTTP client alone, and each is used: a server that
// demands what it is about lets the records in. A token that was replaced is read anew.
func TestLokiClients(t *testing.T) {
	_, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		var token atomic.Value
		token.Store("hush-old")
		tokenFile := secretFile(t, "hush-old")
		clients := lokiClients(t, l, &token, tokenFile)
		pipeline := "[INPUT]\n    Name dummy\n    Rate 5\n    Dummy {\"log\":\"hello\"}\n"
		for name, c := range clients {
			if resp, err := http.Post(c.URL+"/loki/api/v1/push", "application/json", strings.NewReader(`{"streams":[]}`)); err == nil {
				if _ = resp.Body.Close(); resp.StatusCode != http.StatusUnauthorized {
					t.Errorf("%s: a client without anything gets %s", name, resp.Status)
				}
			}
			c.refused.Store(0)
			pipeline += fmt.Sprintf("[OUTPUT]\n    Name tidegate_loki\n    Alias %s\n    Match *\n    Retry_Limit no_limits\n    labels job=%s,way=%[1]s\n", name, job) +
				properties{"url": c.URL}.with(c.options).String()
		}
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline})
		stored := func(name string) (int, error) {
			found, err := l.Lines(fmt.Sprintf("{job=%q, way=%q}", job, name), time.Now().Add(-time.Minute), time.Now().Add(time.Minute))
			return len(found), err
		}
		more := func(name string, than int) {
			t.Helper()
			harness.Eventually(t, 30*time.Second, "records by "+name, func() error {
				n, err := stored(name)
				if err == nil && n <= than {
					err = fmt.Errorf("%d, not more than %d", n, than)
				}
				return err
			})
		}
		for name := range clients {
			more(name, 0)
		}
		token.Store("hush-new")
		harness.Eventually(t, 30*time.Second, "the old token to be refused", func() error {
			if clients["rotated"].refused.Load() == 0 {
				return errors.New("nobody was refused")
			}
			return nil
		})
		before, err := stored("rotated")
		if err := errors.Join(err, os.WriteFile(tokenFile, []byte("hush-new\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
		more("rotated", before)
		stop(t, h)
		// What waited for the new token has come as well.
		all, err := stored("token")
		if rotated, err2 := stored("rotated"); err != nil || err2 != nil || rotated != all {
			t.Errorf("%d records came by the token that was replaced, %d by the one that was not: %v", rotated, all, errors.Join(err, err2))
		}
		for name, c := range clients {
			if n := c.refused.Load(); n > 0 != (name == "rotated") {
				t.Errorf("%s: %d requests were refused", name, n)
			}
		}
		checkNoSecret(t, h)
	})
}
