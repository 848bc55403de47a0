package abi_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
)

// An output may hold 300 kB of filesystem chunks and its server is away: for each new chunk an old one goes, though its
// retries are without limit. The counter of dropped records is the only one to tell.
func TestLossToTheStorageLimit(t *testing.T) {
	t.Parallel()
	const total = 60
	eachHost(t, func(t *testing.T, host string) {
		var open atomic.Bool
		g := startTarget(t, func(numbers) int {
			if open.Load() {
				return http.StatusOK
			}
			return http.StatusServiceUnavailable
		})
		p := startLossy(t, host, "    storage.path DIR/chunks\n", `
[INPUT]
    Name  probe_in
    Alias in
    trace TRACE
    append       10
    collects     6
    batch_bytes  10000
    storage.type filesystem
`+g.output("    Retry_Limit no_limits\n    storage.total_limit_size 300k\n"))
		p.awaitTrace("append", 6)
		p.settle(metrics{`fluentbit_input_ring_buffer_writes_total{name="in"}`: strconv.Itoa(total)})
		open.Store(true)
		var all metrics
		p.await("the rest at the target", func() bool {
			all = scrape(t, p.metricsAt)
			return all != nil && count(t, all, "fluentbit_output_proc_records_total", "out")+
				count(t, all, "fluentbit_output_dropped_records_total", "out") ==
				count(t, all, "fluentbit_input_records_total", "in")
		})
		p.stop()
		taken, dropped := count(t, all, "fluentbit_input_records_total", "in"), count(t, all, "fluentbit_output_dropped_records_total", "out")
		if dropped == 0 || taken != total {
			t.Errorf("taken %d, dropped %d of %d records", taken, dropped, total)
		}
		all.expect(t, metrics{`fluentbit_output_retries_failed_total{name="out"}`: "0", `fluentbit_output_errors_total{name="out"}`: "0"})
		// The oldest go, but for those that a flush is just sending: which, is a matter of time.
		arrived := g.arrived()
		for n, times := range arrived {
			if times != 1 {
				t.Errorf("number %d arrived %d times", n, times)
			}
		}
		if len(arrived) != total-dropped || arrived[0] != 0 {
			t.Errorf("%d of %d records arrived, %d were dropped; the first arrived %d times", len(arrived), total, dropped, arrived[0])
		}
	})
}

func count(t *testing.T, all metrics, name, instance string) int {
	t.Helper()
	text := all[fmt.Sprintf("%s{name=%q}", name, instance)]
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s of %s is %q", name, instance, text)
	}
	return n
}
