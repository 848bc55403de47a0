package tokenserver

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const secret = "hush+1"

func start(t *testing.T) *Server {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.AddClient("agent", secret)
	return s
}

// ask posts a form, `a=b c=d`, and returns the status and the answer.
func ask(t *testing.T, s *Server, basic, form string) (int, map[string]any) {
	t.Helper()
	values := url.Values{}
	for pair := range strings.FieldsSeq(form) {
		name, value, _ := strings.Cut(pair, "=")
		values.Set(name, value)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.TokenURL(), strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if id, password, is := strings.Cut(basic, ":"); is {
		req.SetBasicAuth(id, password)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

func TestToken(t *testing.T) {
	s := start(t)
	s.SetLife(90 * time.Second)
	assertion, err := s.Sign("agent", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	const assert = " client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer client_assertion="
	f := func(basic, form string) {
		t.Helper()
		status, answer := ask(t, s, basic, "grant_type=client_credentials "+form)
		token, _ := answer["access_token"].(string)
		if status != 200 || !s.Good(token, "agent") || answer["expires_in"] != 90.0 {
			t.Errorf("%s %s: %d %v", basic, form, status, answer)
		}
	}
	f("agent:hush%2B1", "scope="+Scope)
	f("", "client_id=agent client_secret="+secret)
	f("", "client_id=agent"+assert+assertion)
	issued := s.Issued("agent")
	if len(issued) != 3 || issued[0].Proof != "basic" || issued[1].Proof != "post" || issued[2].Proof != "assertion" {
		t.Errorf("issued %v", issued)
	}
}

func TestTokenRefused(t *testing.T) {
	s, other := start(t), start(t)
	foreign, err := other.Sign("agent", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	late, err := s.Sign("agent", -time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	const assert = "client_id=agent client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer client_assertion="
	f := func(want int, code, basic, form string) {
		t.Helper()
		status, answer := ask(t, s, basic, form)
		if status != want || answer["error"] != code || answer["error_description"] == "" || answer["access_token"] != nil {
			t.Errorf("%s %s: %d %v", basic, form, status, answer)
		}
	}
	const grant = "grant_type=client_credentials "
	f(401, "invalid_client", "agent:wrong", grant)
	f(401, "invalid_client", "agent:hush+1", grant) // a space, unescaped
	f(401, "invalid_client", "nobody:", grant)
	f(401, "invalid_client", "", grant)
	f(401, "invalid_client", "", grant+assert+foreign)
	f(401, "invalid_client", "", grant+assert+late)
	f(401, "invalid_client", "", grant+assert+"none")
	f(400, "unsupported_grant_type", "agent:hush%2B1", "grant_type=password")
	f(400, "invalid_scope", "agent:hush%2B1", grant+"scope=admin")
	if s.Refused() != 9 || len(s.Issued("agent")) != 0 {
		t.Errorf("%d refused, %d issued", s.Refused(), len(s.Issued("agent")))
	}
}

// It comes back at the same address, and the keys are there meanwhile.
func TestStopAndStart(t *testing.T) {
	s := start(t)
	before := s.TokenURL()
	s.Stop()
	if resp, err := http.Post(s.TokenURL(), "", nil); err == nil {
		_ = resp.Body.Close()
		t.Error("it answers though it was stopped")
	}
	resp, err := http.Get(s.KeysURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if text, _ := io.ReadAll(resp.Body); !strings.Contains(string(text), `"kid":"key-1"`) {
		t.Errorf("keys %s", text)
	}
	if err := s.Start(); err != nil || s.TokenURL() != before {
		t.Fatalf("%v, at %s", err, s.TokenURL())
	}
	if status, _ := ask(t, s, "agent:hush%2B1", "grant_type=client_credentials"); status != 200 {
		t.Errorf("status %d", status)
	}
}
