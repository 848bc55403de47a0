package schemaregistry

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// call sends a request and returns the status and the document.
func call(t *testing.T, method, url, body string) (int, any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s %s: %s is no JSON", method, url, text)
	}
	return resp.StatusCode, v
}

// TestContract goes through a registry's life, one request behind the other.
func TestContract(t *testing.T) {
	s := Start(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/subjects", "", 200, `[]`},
		{"GET", "/schemas/types", "", 200, `["JSON","PROTOBUF","AVRO"]`},
		{"GET", "/schemas/ids/1", "", 404, `{"error_code":40403,"message":"Schema 1 not found"}`},
		{"GET", "/schemas/ids/4294967295", "", 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`},
		{"GET", "/else", "", 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`},
		{"POST", "/subjects/a-value/versions", `{"schema":"\"string\""}`, 200, `{"id":1}`},
		{"POST", "/subjects/a-value/versions?normalize=false", `{"schema":"\"string\"","schemaType":"AVRO"}`, 200, `{"id":1}`},
		{"POST", "/subjects/b-value/versions", `{"schema":"\"string\""}`, 200, `{"id":1}`},
		{"POST", "/subjects/a-value/versions", `{"schema":"\"int\""}`, 200, `{"id":2}`},
		{"POST", "/subjects/c/versions", `{"schema":"{}","schemaType":"JSON"}`, 200, `{"id":3}`},
		{"POST", "/subjects/d/versions", `{"schema":"\"T\"","references":[{"name":"T","subject":"a-value","version":2}]}`, 200, `{"id":4}`},
		{"POST", "/subjects/d/versions", `{"schema":"\"T\"","references":[{"name":"T","subject":"a-value","version":3}]}`, 422, `{"error_code":42201,"message":"No schema reference found for subject \"a-value\""}`},
		{"POST", "/subjects/d/versions", `{"schema":"x"}`, 422, `{"error_code":42201,"message":"Invalid schema: it is not JSON"}`},
		{"POST", "/subjects/d/versions", `{"schema":"{}","schemaType":"XML"}`, 422, `{"error_code":42201,"message":"Invalid schema type XML"}`},
		{"POST", "/subjects/d/versions", `x`, 400, `{"error_code":400,"message":"Bad Request"}`},
		{"GET", "/schemas/ids/1", "", 200, `{"schema":"\"string\""}`},
		{"GET", "/schemas/ids/1/schema", "", 200, `"string"`},
		{"GET", "/schemas/ids/2/versions", "", 200, `[{"subject":"a-value","version":2}]`},
		{"GET", "/schemas/ids/3", "", 200, `{"schema":"{}","schemaType":"JSON"}`},
		{"GET", "/schemas/ids/4", "", 200, `{"schema":"\"T\"","references":[{"name":"T","subject":"a-value","version":2}]}`},
		{"GET", "/subjects", "", 200, `["a-value","b-value","c","d"]`},
		{"GET", "/subjects/a-value/versions", "", 200, `[1,2]`},
		{"GET", "/subjects/x/versions", "", 404, `{"error_code":40401,"message":"Subject \"x\" not found."}`},
		{"GET", "/subjects/a-value/versions/1", "", 200, `{"subject":"a-value","id":1,"version":1,"schema":"\"string\""}`},
		{"GET", "/subjects/a-value/versions/latest", "", 200, `{"subject":"a-value","id":2,"version":2,"schema":"\"int\""}`},
		{"GET", "/subjects/a-value/versions/2/schema", "", 200, `"int"`},
		{"GET", "/subjects/a-value/versions/9?deleted=true", "", 404, `{"error_code":40402,"message":"Version 9 not found."}`},
		{"GET", "/subjects/a-value/versions/first", "", 422, `{"error_code":42202,"message":"The specified version \"first\" is not a valid version id."}`},
		{"GET", "/subjects/x/versions/1", "", 404, `{"error_code":40401,"message":"Subject \"x\" not found."}`},
		{"POST", "/subjects/a-value", `{"schema":"\"int\""}`, 200, `{"subject":"a-value","id":2,"version":2,"schema":"\"int\""}`},
		{"POST", "/subjects/a-value", `{"schema":"\"long\""}`, 404, `{"error_code":40403,"message":"Schema not found"}`},
		{"POST", "/subjects/x", `{"schema":"\"int\""}`, 404, `{"error_code":40401,"message":"Subject \"x\" not found."}`},
		{"GET", "/config/a-value", "", 200, `{"compatibilityLevel":"NONE"}`},
	} {
		status, got := call(t, c.method, s.URL+c.path, c.body)
		var want any
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if status != c.status || !reflect.DeepEqual(got, want) {
			t.Errorf("%s %s: %d %v, want %d %v", c.method, c.path, status, got, c.status, want)
		}
	}
	if n := len(s.Schemas()); n != 4 {
		t.Errorf("%d schemas", n)
	}
}

func TestUser(t *testing.T) {
	s := Start(t)
	s.RequireUser("me", "secret")
	if status, doc := call(t, "GET", s.URL+"/subjects", ""); status != 401 || doc.(map[string]any)["error_code"] != 401.0 {
		t.Errorf("without a user: %d %v", status, doc)
	}
	with := strings.Replace(s.URL, "://", "://me:secret@", 1)
	if status, _ := call(t, "GET", with+"/subjects", ""); status != 200 {
		t.Errorf("with the user: %d", status)
	}
	if status, _ := call(t, "GET", strings.Replace(with, "secret", "Secret", 1)+"/subjects", ""); status != 401 {
		t.Errorf("with another password: %d", status)
	}
}

func TestScript(t *testing.T) {
	s := Start(t)
	s.Script(Answer{Status: 503, Body: `{"error_code":50003,"message":"x"}`, Header: http.Header{"Retry-After": {"3"}}}, Answer{Hangup: true})
	if status, doc := call(t, "GET", s.URL+"/subjects", ""); status != 503 || doc.(map[string]any)["error_code"] != 50003.0 {
		t.Errorf("%d %v", status, doc)
	}
	// A client sends a GET again by itself where a connection that it had kept
	// was closed.
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(s.URL + "/subjects")
	if err == nil {
		_ = resp.Body.Close()
		t.Error("an answer in place of a closed connection")
	}
	if status, _ := call(t, "GET", s.URL+"/subjects", ""); status != 200 {
		t.Errorf("afterwards: %d", status)
	}
	requests := s.Requests()
	if len(requests) != 3 || requests[0].Status != 503 || requests[1].Status != 0 || requests[2].Status != 200 {
		t.Errorf("%+v", requests)
	}
}

func TestTLS(t *testing.T) {
	s := StartTLS(t, nil)
	resp, err := s.HTTP.Client().Get(s.URL + "/subjects")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if _, err := http.Get(s.URL + "/subjects"); err == nil { //nolint:bodyclose // there is no answer
		t.Error("a stranger's certificate was trusted")
	}
}
