package abi_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Two flushes that leave their thread while they wait: both wait at a time, and both come back on the thread they left.
func TestSuspendedFlushes(t *testing.T) {
	t.Parallel()
	eachHost(t, func(t *testing.T, host string) {
		p := startLossy(t, host, "", suspending("1500"))
		p.awaitTrace("flushed", 2)
		p.stop()
		flushes := p.trace("flush", "flushed", "unable")
		if len(flushes) != 4 || flushes[0].event != "flush" || flushes[1].event != "flush" {
			t.Fatalf("flushes did not overlap: %+v", flushes)
		}
		for _, l := range flushes {
			if l.fields["thread"] != "flb-pipeline" || l.fields["tid"] != flushes[0].fields["tid"] {
				t.Errorf("%s on thread %s", l.event, l.fields["thread"])
			}
		}
		if host == testhost() {
			p.expect("out", map[string]int{"ok": 2, "pending": 0})
		}
	})
}

// A flush that is suspended when Grace is over never goes on: the output exits before it, and its record is neither delivered nor
// dropped.
func TestLossOfASuspendedFlush(t *testing.T) {
	t.Parallel()
	eachHost(t, func(t *testing.T, host string) {
		p := startLossy(t, host, "", suspending("60000"))
		p.awaitTrace("flush", 2)
		all := p.settle(metrics{`fluentbit_input_records_total{name="in"}`: "2"})
		p.stop()
		all.expect(t, metrics{
			`fluentbit_output_proc_records_total{name="out"}`:    "0",
			`fluentbit_output_dropped_records_total{name="out"}`: "0",
		})
		if len(p.trace("out_exit")) != 1 || len(p.trace("flushed")) != 0 {
			t.Error("the output did not exit before its flushes went on")
		}
		if host == testhost() {
			p.expect("out", map[string]int{"ok": 0, "dropped": 0, "pending": 2})
		}
	})
}

// A host whose coroutines are its own: the flush holds its thread, as it must without them.
func TestFlushThatCannotBeSuspended(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.Command("make", "-s", "-C", "../host", "OUT="+dir, "SUSPEND=0").CombinedOutput(); err != nil {
		t.Fatalf("building a host without coroutines for plugins: %v\n%s", err, out)
	}
	p := startLossy(t, filepath.Join(dir, "tidegate-testhost"), "", suspending("1500"))
	p.awaitTrace("flushed", 2)
	p.stop()
	if n := len(p.trace("unable")); n != 2 {
		t.Errorf("%d flushes were told that they cannot, want 2", n)
	}
	p.expect("out", map[string]int{"ok": 2})
}

// A suspended flush under the sanitizer, which has to follow it from stack to stack.
func TestSuspendedUnderAddressSanitizer(t *testing.T) {
	t.Parallel()
	conf := strings.Replace(suspending("300"), "append     2", "append     200\n    collects   3", 1)
	p := start(t, asanHost(), "[SERVICE]\n    Plugins_File PLUGINS\n    Flush 0.1\n"+conf, asanOptions)
	p.await("the last record", func() bool { return len(p.trace("append")) == 3 && len(p.trace("flushed")) >= 6 })
	p.stop()
	p.clean()
	p.expect("out", map[string]int{"ok": 600, "pending": 0})
}

// suspending gives two chunks of one record each to an output that leaves its thread for so long.
func suspending(milliseconds string) string {
	return `
[INPUT]
    Name  probe_in
    Alias in
    trace TRACE
    append     2
    batch_tags one,two
[OUTPUT]
    Name  probe_out
    Alias out
    Match *
    trace TRACE
    suspend_ms ` + milliseconds + "\n"
}
