package outlogtide

import (
	"errors"
	"testing"

	"github.com/tidegate/tidegate/common/httpsend"
)

func TestClassify(t *testing.T) {
	f := func(want answer, status int, bodies ...string) {
		t.Helper()
		for _, body := range bodies {
			if got := classify(httpsend.Reply{Status: status, Body: []byte(body)}, 5); got != want {
				t.Errorf("%d %q: got %v, want %v", status, body, got, want)
			}
		}
	}
	f(accepted, 200, `{"received":5,"timestamp":"2026-11-20T12:00:00Z"}`)
	f(accepted, 202, `{"received":5}`)
	f(miscounted, 200, `{"received":4}`, `{"received":"5"}`, `{"received":null}`, `{}`, `[]`, `5`, ``, `{"received":5`, `<html>`)
	f(invalid, 400, `{"error":"Validation error"}`, ` { "details": [`)
	f(misconfigured, 400, ``, `Bad Request`, `<html>`, `{`, `{}`, `[]`)
	for _, status := range []int{301, 302, 307, 401, 402, 403, 404, 405, 410, 415, 422} {
		f(misconfigured, status, ``, `{"error":"x"}`)
	}
	f(unavailable, 408, ``)
	f(tooLarge, 413, ``)
	f(limited, 429, ``, `{"error":"Rate limit exceeded"}`)
	f(quota, 429, `{"code":"capability.limit_reached"}`)
	for _, status := range []int{500, 501, 502, 503, 504, 529} {
		f(unavailable, status, ``)
	}
	if got := classify(httpsend.Reply{Err: errors.New("connection refused")}, 5); got != unavailable {
		t.Errorf("no answer: got %v", got)
	}
}

func TestEveryNameIsThere(t *testing.T) {
	for r := range numReasons {
		if r.String() == "" {
			t.Errorf("reason %d has no name", r)
		}
	}
	for a := range numAnswers {
		if a.String() == "" {
			t.Errorf("answer %d has no name", a)
		}
	}
	for n := nameMessage; n < numNames; n++ {
		known := n == nameMetadata
		for _, chain := range chains {
			for _, is := range chain {
				known = known || is == n
			}
		}
		if !known {
			t.Errorf("field %d is looked for nowhere", n)
		}
	}
}
