package abi_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const oneCounter = `
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.2
[INPUT]
    Name  probe_in
    trace TRACE
    append  2
    counter seen
[OUTPUT]
    Name  probe_out
    Match *
    trace TRACE
    counter seen
    late    LATE
`

// A host without metrics gives no context, shows no function of them, and all else goes on.
func TestMetricsAbsent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.Command("make", "-s", "-C", "../host", "OUT="+dir, "METRICS=0").CombinedOutput(); err != nil {
		t.Fatalf("building a host without metrics: %v\n%s", err, out)
	}
	host := filepath.Join(dir, "tidegate-testhost")
	symbols, err := exec.Command("nm", "-D", "--defined-only", host).Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(symbols), " cmt_") || strings.Contains(string(symbols), " cfl_") {
		t.Error("the host exports functions of cmetrics")
	}
	p := start(t, host, strings.Replace(oneCounter, "    late    LATE\n", "", 1))
	p.awaitTrace("flushed", 1)
	p.stop()
	for _, l := range p.trace("metrics") {
		if l.rest != "no-context" {
			t.Errorf("metrics of a plugin: %s", l.rest)
		}
	}
	p.expect("probe_out.0", map[string]int{"ok": 2})
}

// Fluent Bit frees an instance's metrics with it: a plugin that counts later is told so, loudly.
func TestMetricsAfterExit(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), oneCounter)
	p.awaitTrace("flushed", 1)
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != -1 {
		t.Errorf("exit code %d, want an end by SIGABRT", code)
	}
	if !strings.Contains(p.log(), "FATAL: plugin used the metrics of probe_out.0 after its exit") {
		t.Error("the log does not say why")
	}
}

// --metrics names a file that SIGUSR1 and the end of the program bring up to date.
func TestMetricsFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "metrics")
	p := start(t, wrapped(t, "env", testhost()+"' --metrics '"+file), strings.Replace(oneCounter, "    late    LATE\n", "    answers retry\n    Retry_Limit no_limits\n", 1))
	p.awaitTrace("flushed", 1)
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("a file that nobody asked for (%v)", err)
	}
	read := func() metrics {
		text, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return readExposition(string(text))
	}
	var first string
	p.await("the file", func() bool {
		p.signal(syscall.SIGUSR1)
		first = read()[`fluentbit_output_retries_total{name="probe_out.0"}`]
		return first != "" && first != "0"
	})
	p.stop()
	last := read()
	last.expect(t, metrics{
		`fluentbit_input_records_total{name="probe_in.0"}`:        "2",
		`fluentbit_output_proc_records_total{name="probe_out.0"}`: "0",
		`fluentbit_input_ingestion_paused{name="probe_in.0"}`:     "1",
	})
	if last[`fluentbit_output_retries_total{name="probe_out.0"}`] == first {
		t.Error("the file was not written at the end")
	}
}
