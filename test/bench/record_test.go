package main

import (
	"encoding/json"
	"testing"
)

func TestRecord(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range []int{-1, 0, 1, 7, 399_999, 5_000_000} {
		text := appendRecord(nil, n, loadTime+int64(n))
		var got struct {
			N              int
			Sent           int64
			Service, Level string
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got.N != n || got.Sent != loadTime+int64(n) || got.Service == "" || got.Level == "" {
			t.Errorf("record %d is %s", n, text)
		}
		if len(text) < 250 || len(text) > 350 {
			t.Errorf("record %d has %d bytes, not about 300", n, len(text))
		}
		if again := appendRecord(nil, n, loadTime+int64(n)); string(again) != string(text) {
			t.Errorf("record %d is not the same each time", n)
		}
		seen[string(text)] = true
	}
	if len(seen) != 6 {
		t.Errorf("6 records, %d differ", len(seen))
	}
}

func TestRecordNumber(t *testing.T) {
	f := func(text string, n int, sent int64) {
		t.Helper()
		gotN, gotSent, err := recordNumber([]byte(text))
		if err != nil || gotN != n || gotSent != sent {
			t.Errorf("%s: got %d, %d, %v", text, gotN, gotSent, err)
		}
	}
	f(string(appendRecord(nil, 12, 34)), 12, 34)
	f(string(appendRecord(nil, -1, 34)), -1, 34)
	f(`{"topic":"t","partition":3,"offset":99,"error":null,"key":null,"payload":{"n":5,"sent":6,"service":"x"}}`, 5, 6)
	for _, text := range []string{"", "{}", `{"n":1}`, `{"sent":1}`, `{"n":"1","sent":2}`, `{"n":1,"sent":99999999999999999999}`} {
		if n, sent, err := recordNumber([]byte(text)); err == nil {
			t.Errorf("%s: got %d, %d", text, n, sent)
		}
	}
}
