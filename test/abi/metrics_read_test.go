package abi_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// metrics are samples by name and labels, as in `fluentbit_input_records_total{name="one"}`.
type metrics map[string]string

// readText reads what a plugin gets from its host: `time name{labels} = value`, the time left out.
func readText(text string) metrics {
	m := metrics{}
	for l := range strings.Lines(text) {
		_, rest, _ := strings.Cut(strings.TrimSpace(l), " ")
		if name, value, ok := strings.Cut(rest, " = "); ok {
			m[name] = value
		}
	}
	return m
}

// readExposition reads Prometheus' format: `name{labels} value`.
func readExposition(text string) metrics {
	m := metrics{}
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(l)
		if i := strings.LastIndex(l, " "); i > 0 && !strings.HasPrefix(l, "#") {
			m[l[:i]] = l[i+1:]
		}
	}
	return m
}

// scrape asks a host's HTTP server; nil while it does not answer.
func scrape(t *testing.T, address string) metrics {
	t.Helper()
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get("http://" + address + "/api/v2/metrics/prometheus")
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return nil
	}
	return readExposition(string(text))
}

// expect compares some samples.
func (m metrics) expect(t *testing.T, want metrics) {
	t.Helper()
	for name, value := range want {
		if got, ok := m[name]; !ok || got != value {
			t.Errorf("%s = %q (present: %t), want %q", name, got, ok, value)
		}
	}
}
