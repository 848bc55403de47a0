package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"testing"
)

// A push of the built-in output in gzip is read as one without.
func TestReceiverUnzips(t *testing.T) {
	got := newArrivals(2)
	r, err := newReceiver(got)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	line := string(appendRecord(nil, 1, loadTime))
	plain, err := json.Marshal(map[string]any{"streams": []any{map[string]any{"values": [][]string{{"1", line}}}}})
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(plain)
	_ = z.Close()
	f := func(encoding string, body []byte, want int) {
		t.Helper()
		request, err := http.NewRequest(http.MethodPost, r.url().String()+"/loki/api/v1/push", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Content-Encoding", encoding)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%q: %s", encoding, answer.Status)
		}
	}
	f("gzip", packed.Bytes(), http.StatusNoContent)
	f("", plain, http.StatusNoContent)
	f("gzip", plain, http.StatusBadRequest)
	if found := got.found.verdict(); found.Missing != 1 || found.Doubled != 1 || got.junk != 0 {
		t.Errorf("got %+v, %d without a number", found, got.junk)
	}
}
