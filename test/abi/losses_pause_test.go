package abi_test

import (
	"net/http"
	"sync/atomic"
	"testing"
)

// Over its limit an input is paused: it is not asked for records until a chunk is gone. That by itself loses nothing; what it
// has in the ring is lost when the agent stops in this state (TestLossOfTheRingAtStop).
func TestPauseKeepsRecordsOut(t *testing.T) {
	t.Parallel()
	const total = 40
	eachHost(t, func(t *testing.T, host string) {
		var open atomic.Bool
		g := startTarget(t, func(numbers) int {
			if open.Load() {
				return http.StatusOK
			}
			return http.StatusServiceUnavailable
		})
		p := startLossy(t, host, "", `
[INPUT]
    Name  probe_in
    Alias in
    trace TRACE
    append        10
    collects      4
    batch_bytes   10000
    Mem_Buf_Limit 95k
`+g.output("    Retry_Limit no_limits\n"))
		p.awaitTrace("pause", 1)
		p.settle(metrics{`fluentbit_input_ingestion_paused{name="in"}`: "1"})
		for before := len(g.triesOf(0)); len(g.triesOf(0)) < before+2; { // some seconds of retries
			p.settle(metrics{`fluentbit_input_ingestion_paused{name="in"}`: "1"})
		}
		if n := len(p.trace("collect")); n != 1 {
			t.Errorf("%d collects until the server was back, want 1", n)
		}
		open.Store(true)
		p.settle(metrics{
			`fluentbit_input_records_total{name="in"}`:           "40",
			`fluentbit_output_proc_records_total{name="out"}`:    "40",
			`fluentbit_output_dropped_records_total{name="out"}`: "0",
			`fluentbit_input_ingestion_paused{name="in"}`:        "0",
		})
		p.stop()
		g.arrived().expect(t, 0, total-1)
		if n := len(p.trace("resume")); n == 0 {
			t.Error("never resumed")
		}
	})
}
