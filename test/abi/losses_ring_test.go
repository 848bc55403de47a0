package abi_test

import "testing"

// While a flush without workers holds the engine, 1,024 batches fit into the ring. An append then fails after a second, and the
// plugin knows; the buffer that the same collect returns is lost, and it does not.
func TestLossOfARingThatIsFull(t *testing.T) {
	t.Parallel()
	eachHost(t, func(t *testing.T, host string) {
		p := startLossy(t, host, "", `
[INPUT]
    Name  probe_in
    Alias in
    trace TRACE
    return_records 1
    append         1100
    append_after   1
    collects       2
[OUTPUT]
    Name     probe_out
    Alias    blocks
    Match    *
    block_ms 5000
    blocks   1
[OUTPUT]
    Name  file
    Alias file
    Match *
    Path  DIR
    File  seen
`)
		p.settle(metrics{
			`fluentbit_input_records_total{name="in"}`:                    "1025",
			`fluentbit_input_ring_buffer_writes_total{name="in"}`:         "1025",
			`fluentbit_input_ring_buffer_retries_total{name="in"}`:        "20",
			`fluentbit_input_ring_buffer_retry_failures_total{name="in"}`: "2",
			`fluentbit_output_proc_records_total{name="file"}`:            "1025",
			`fluentbit_output_dropped_records_total{name="file"}`:         "0",
		})
		p.stop()
		if got := accepted(p.process); len(got) != 1 || got[0] != 1024 {
			t.Errorf("accepted %v, want 1024 at once", got)
		}
		numbersIn(t, p.read("seen")).expect(t, 0, 1024) // the plugin gave away 0 to 1025
	})
}

// An input that is paused over its limit keeps its ring, and a stop throws the ring away: all appends were good, and what was
// not yet taken is nowhere.
func TestLossOfTheRingAtStop(t *testing.T) {
	t.Parallel()
	eachHost(t, func(t *testing.T, host string) {
		p := startLossy(t, host, "", `
[INPUT]
    Name  probe_in
    Alias in
    trace TRACE
    append        100
    batch_bytes   1000
    Mem_Buf_Limit 20k
[OUTPUT]
    Name  probe_out
    Alias refuses
    Match *
    answers     retry
    Retry_Limit no_limits
[OUTPUT]
    Name  file
    Alias file
    Match *
    Path  DIR
    File  seen
`)
		p.awaitTrace("pause", 1)
		all := p.settle(metrics{
			`fluentbit_input_ring_buffer_writes_total{name="in"}`:         "100",
			`fluentbit_input_ring_buffer_retry_failures_total{name="in"}`: "0",
			`fluentbit_input_ingestion_paused{name="in"}`:                 "1",
			`fluentbit_output_proc_records_total{name="file"}`:            "20",
		})
		all.expect(t, metrics{
			`fluentbit_input_records_total{name="in"}`:               "20",
			`fluentbit_output_dropped_records_total{name="refuses"}`: "0",
		})
		p.stop()
		numbersIn(t, p.read("seen")).expect(t, 0, 19)
		if host == testhost() {
			p.expect("in", map[string]int{"appends": 100, "records": 20, "thrown_batches": 80, "thrown_records": 80})
		}
		if got := accepted(p.process); len(got) != 1 || got[0] != 100 {
			t.Errorf("accepted %v, want 100 at once", got)
		}
	})
}
