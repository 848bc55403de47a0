package abi_test

import (
	"os/exec"
	"strings"
	"testing"
)

// answersOfAllKinds takes four records, each with a tag and so in a chunk of its own, into one output that delivers, one that
// retries until they are dropped, one that fails and one without retries.
const answersOfAllKinds = `
[SERVICE]
    Plugins_File   PLUGINS
    Flush          0.2
    scheduler.base 1
    scheduler.cap  1
    HTTP_Server    On
    HTTP_Listen    127.0.0.1
    HTTP_Port      PORT
[INPUT]
    Name  probe_in
    Alias one
    trace TRACE
    append     2
    batch_tags a,b,c,d
    collects   2
    counter seen
    encode DIR/text_in
[OUTPUT]
    Name  probe_out
    Alias delivers
    Match *
    counter seen
    encode DIR/text_out
[OUTPUT]
    Name  probe_out
    Alias retries
    Match *
    answers retry
[OUTPUT]
    Name  probe_out
    Alias fails
    Match *
    answers error
[OUTPUT]
    Name  probe_out
    Alias gives_up
    Match *
    answers retry
    Retry_Limit no_retries
`

var afterAllAnswers = metrics{
	`fluentbit_input_records_total{name="one"}`:                        "4",
	`fluentbit_input_ring_buffer_writes_total{name="one"}`:             "4",
	`fluentbit_output_proc_records_total{name="delivers"}`:             "4",
	`fluentbit_output_dropped_records_total{name="delivers"}`:          "0",
	`fluentbit_output_retries_total{name="retries"}`:                   "4",
	`fluentbit_output_retried_records_total{name="retries"}`:           "4",
	`fluentbit_output_retries_failed_total{name="retries"}`:            "4",
	`fluentbit_output_dropped_records_total{name="retries"}`:           "4",
	`fluentbit_output_proc_records_total{name="retries"}`:              "0",
	`fluentbit_output_errors_total{name="fails"}`:                      "4",
	`fluentbit_output_dropped_records_total{name="fails"}`:             "4",
	`fluentbit_output_dropped_records_total{name="gives_up"}`:          "4",
	`fluentbit_output_retries_failed_total{name="gives_up"}`:           "0",
	`fluentbit_output_retries_total{name="gives_up"}`:                  "0",
	`fluentbit_probe_seen_total{name="one",kind="a \"b\""}`:            "2",
	`fluentbit_probe_seen_total{name="delivers",kind="a \"b\""}`:       "4",
	`fluentbit_probe_seen_bucket{le="0.25",name="one",kind="a \"b\""}`: "0",
	`fluentbit_probe_seen_bucket{le="0.5",name="one",kind="a \"b\""}`:  "2",
}

// allAnswers runs it to the last answer. It returns what the host's HTTP server shows then, and the texts that the two plugins
// got from the host at their last call.
func allAnswers(t *testing.T, host string) (all metrics, in, out string) {
	t.Helper()
	address := closedPort(t)
	_, port, _ := strings.Cut(address, ":")
	p := start(t, host, strings.Replace(answersOfAllKinds, "PORT", port, 1))
	p.await("the last answer", func() bool {
		all = scrape(t, address)
		for name, value := range afterAllAnswers {
			if all[name] != value {
				return false
			}
		}
		return true
	})
	in, out = p.read("text_in"), p.read("text_out")
	p.stop()
	return all, in, out
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	all, in, out := allAnswers(t, testhost())
	all.expect(t, afterAllAnswers)
	readText(in).expect(t, metrics{
		`fluentbit_input_ingestion_paused{name="one"}`:        "0",
		`fluentbit_probe_seen_total{name="one",kind="a "b""}`: "2",
		`fluentbit_seen_last`:                                 "0.5",
	})
	if _, ok := readText(out)[`fluentbit_output_proc_records_total{name="delivers"}`]; !ok {
		t.Errorf("the context of an output lacks the engine's own counters:\n%s", out)
	}
	for _, instance := range []string{`"one"`, `"retries"`} {
		if strings.Contains(out, "name="+instance) {
			t.Errorf("the context of an output shows %s too:\n%s", instance, out)
		}
	}
}

// What is counted here is counted under the same names and with the same values as on a real Fluent Bit, which has more of them.
func TestMetricsSameAsFluentBit(t *testing.T) {
	t.Parallel()
	real, err := exec.LookPath("fluent-bit")
	if err != nil {
		t.Skip("no fluent-bit on PATH: nothing to compare the stand-in with")
	}
	here, hereIn, hereOut := allAnswers(t, testhost())
	there, thereIn, thereOut := allAnswers(t, real)
	sameMetrics(t, here, there)
	sameNames(t, readText(hereIn), readText(thereIn))
	sameNames(t, readText(hereOut), readText(thereOut))
	for l := range strings.Lines(hereIn + hereOut) { // the probe's own, with its own times
		if strings.Contains(l, "seen") && !strings.Contains(thereIn+thereOut, l) {
			t.Errorf("only here: %s", l)
		}
	}
}

// What a plugin reads from the host is as old as its last call.
func sameNames(t *testing.T, here, there metrics) {
	t.Helper()
	if len(here) == 0 {
		t.Error("no metrics")
	}
	for name := range here {
		if _, ok := there[name]; !ok {
			t.Errorf("only here: %s", name)
		}
	}
}

func sameMetrics(t *testing.T, here, there metrics) {
	t.Helper()
	if len(here) == 0 {
		t.Error("no metrics")
	}
	for name, value := range here {
		got, ok := there[name]
		if strings.Contains(name, "latency_seconds") && !strings.Contains(name, "_count") {
			got = value // how long a flush takes is each machine's own
		}
		if !ok || got != value {
			t.Errorf("%s = %s here, %q there (present: %t)", name, value, got, ok)
		}
	}
}
