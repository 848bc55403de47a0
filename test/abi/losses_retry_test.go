package abi_test

import (
	"net/http"
	"testing"
	"time"
)

// twoChunks has record 0 in one chunk and record 1 in another.
const twoChunks = `
[INPUT]
    Name  probe_in
    Alias in
    trace TRACE
    append     2
    batch_tags one,two
`

// A chunk is tried Retry_Limit times more, with the scheduler's wait in between, and then it is gone. The next one goes through.
func TestLossAtTheRetryLimit(t *testing.T) {
	t.Parallel()
	eachHost(t, func(t *testing.T, host string) {
		g := startTarget(t, func(in numbers) int {
			if in[0] > 0 {
				return http.StatusServiceUnavailable
			}
			return http.StatusOK
		})
		p := startLossy(t, host, "", twoChunks+g.output("    Retry_Limit 2\n"))
		p.settle(metrics{
			`fluentbit_input_records_total{name="in"}`:           "2",
			`fluentbit_output_proc_records_total{name="out"}`:    "1",
			`fluentbit_output_retries_total{name="out"}`:         "2",
			`fluentbit_output_retried_records_total{name="out"}`: "2",
			`fluentbit_output_retries_failed_total{name="out"}`:  "1",
			`fluentbit_output_dropped_records_total{name="out"}`: "1",
			`fluentbit_output_errors_total{name="out"}`:          "0",
		})
		p.stop()
		g.arrived().expect(t, 1, 1)
		tries := g.triesOf(0)
		if len(tries) != 3 {
			t.Fatalf("%d tries, want 3", len(tries))
		}
		for i, at := range tries[1:] {
			if wait := at.Sub(tries[i]); wait < 900*time.Millisecond {
				t.Errorf("retry %d after %v: no wait of the scheduler's", i+1, wait)
			}
		}
	})
}

// Answers after which the engine does not come back: an error, and RETRY where retries are off.
func TestLossWithoutARetry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		lines  string
		errors string
	}{
		"an error":   {http.StatusBadRequest, "", "1"},
		"no retries": {http.StatusServiceUnavailable, "    Retry_Limit no_retries\n", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachHost(t, func(t *testing.T, host string) {
				g := startTarget(t, func(in numbers) int {
					if in[0] > 0 {
						return c.status
					}
					return http.StatusOK
				})
				p := startLossy(t, host, "", twoChunks+g.output(c.lines))
				p.settle(metrics{
					`fluentbit_output_proc_records_total{name="out"}`:    "1",
					`fluentbit_output_dropped_records_total{name="out"}`: "1",
					`fluentbit_output_errors_total{name="out"}`:          c.errors,
					`fluentbit_output_retries_total{name="out"}`:         "0",
					`fluentbit_output_retries_failed_total{name="out"}`:  "0",
				})
				p.stop()
				g.arrived().expect(t, 1, 1)
				if tries := len(g.triesOf(0)); tries != 1 {
					t.Errorf("%d tries, want 1", tries)
				}
			})
		})
	}
}
