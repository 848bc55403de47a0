package schema

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// roundTrip is a registry that answers without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// FuzzAnswer holds that no answer breaks the client: it is a schema, or one of
// the two kinds of errors, and its words come back bounded.
func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(documents["/schemas/ids/4"]), []byte(documents["/subjects/address/versions/2"]))
	f.Add(200, []byte(documents["/schemas/ids/1"]), []byte(nil))
	f.Add(404, []byte(`{"error_code":40403,"message":"Schema not found"}`), []byte(nil))
	f.Add(422, []byte(`{"error_code":42202}`), []byte(nil))
	f.Add(500, []byte(`{"error_code":50001}`), []byte(nil))
	f.Add(404, []byte(`{"error_code":1,"message":"`+strings.Repeat("x", 1000)+`"}`), []byte(nil))
	f.Add(200, []byte(`{"schema":"\"int\"","references":[{"subject":"`+strings.Repeat("x", 1000)+`"}]}`), []byte("x"))
	f.Add(200, []byte(`{"schema":"\"int\"","references":[{"version":-1},{}]}`), []byte(`{"schema":"\"int\"","references":[{"version":-2}]}`))
	f.Fuzz(func(t *testing.T, status int, first, others []byte) {
		if status < 100 || status > 599 {
			return
		}
		d, now, _ := open(t, configFor(t, FormatAvro, "schema_registry_url", "http://127.0.0.1:1"))
		asked := 0
		d.schemas.registry.(*registry).door.next = roundTrip(func(req *http.Request) (*http.Response, error) {
			body := others
			if asked++; strings.HasPrefix(req.URL.Path, "/schemas/") {
				body = first
			}
			return &http.Response{StatusCode: status, Header: http.Header{}, Request: req, Body: io.NopCloser(bytes.NewReader(body))}, nil
		})
		for range 2 {
			s, err := d.schemas.get(1)
			switch {
			case (s == nil) != (err != nil):
				t.Fatalf("%v and %v", s, err)
			case err != nil && len(err.Error()) > 2*maxWords:
				t.Fatalf("an error of %d bytes: %v", len(err.Error()), err)
			case (status >= 500 || status == 429 || status == 401 || status == 403) && !errors.Is(err, ErrUnavailable):
				t.Fatalf("%d: %v", status, err)
			}
			*now = now.Add(time.Minute)
		}
		if asked > 2*(maxReferences+1) {
			t.Fatalf("%d requests", asked)
		}
	})
}

// FuzzEndpoints holds that no text breaks the option, and that no user of a URL
// gets into the log.
func FuzzEndpoints(f *testing.F) {
	for _, text := range []string{"http://r:8081", "https://u:hunter2@r/x,http://[::1]", "http://%", "mock://", ",", "http://r#x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := parseEndpoints(text)
		if (e.err == nil) != (len(e.list) > 0) {
			t.Fatalf("%q: %v and %v", text, e.list, e.err)
		}
		for _, u := range e.list {
			if u.User != nil || u.Hostname() == "" {
				t.Fatalf("%q: took %v", text, u)
			}
		}
		if again := parseEndpoints(e.String()); e.err == nil && again.String() != e.String() {
			t.Fatalf("%q printed %q, then %q", text, e, again)
		}
	})
}
