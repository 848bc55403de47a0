package abi_test

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const twoByTwo = `
[SERVICE]
    Plugins_File   PLUGINS
    Flush          0.5
    Grace          3
    scheduler.base 1
    scheduler.cap  1
[INPUT]
    Name  probe_in
    Alias one
    Tag   first
    trace TRACE
    ask   trace,host,TAG,brokers,alias
    Host  nowhere
    Brokers b:1
    append 4
    batch_tags other.x,other.y
    return_records 5
[INPUT]
    Name  probe_in
    Alias two
    trace TRACE
[OUTPUT]
    Name  probe_out
    Match *
    trace TRACE
    answers retry,ok
[OUTPUT]
    Name  probe_out
    Match other.*
    Workers 1
    trace TRACE
`

// The engine ends its outputs before its inputs: whatever an input does in its exit, no output is there any more.
func TestExitOrder(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), twoByTwo)
	p.awaitTrace("flushed", 3+1+2)
	p.stop()
	inputs := map[string]string{} // exit carries no context: its thread tells whose it is
	var order []string
	for _, l := range p.trace("in_init", "pause", "out_exit", "in_exit") {
		switch tid := l.fields["tid"]; l.event {
		case "in_init":
			inputs[tid] = l.rest
		case "pause":
			if len(order) == 0 {
				order = append(order, "pause")
			}
		case "in_exit":
			order = append(order, "in_exit "+inputs[tid])
		default:
			order = append(order, l.event+" "+l.rest)
		}
	}
	if want := []string{"pause", "out_exit probe_out.0", "out_exit probe_out.1", "in_exit two", "in_exit one"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	p.expect("probe_out.0", map[string]int{"ok": 9, "retries": 1, "pending": 0})
	p.expect("probe_out.1", map[string]int{"ok": 4})
}

func TestGraceIsTheLimit(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), `
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.2
    Grace        2
[INPUT]
    Name  probe_in
    trace TRACE
    return_records 3
[OUTPUT]
    Name  probe_out
    Match *
    trace TRACE
    answers     retry
    Retry_Limit no_limits
`)
	p.awaitTrace("flushed", 1)
	before := time.Now()
	p.stop()
	if took := time.Since(before); took > 10*time.Second {
		t.Errorf("the stop took %v with a grace of 2 s", took)
	}
	if n := len(p.trace("flush")); n < 2 {
		t.Error("the waiting retry was not tried again at stop")
	}
	p.expect("probe_out.0", map[string]int{"ok": 0, "dropped": 0, "pending": 3})
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), `
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.2
[INPUT]
    Name  probe_in
    return_records 1
[OUTPUT]
    Name  probe_out
    Match *
    trace TRACE
    block_ms 60000
`)
	p.awaitTrace("flush", 1)
	p.signal(syscall.SIGTERM)
	p.signal(syscall.SIGINT)
	if code := p.exit(); code != 128+int(syscall.SIGTERM) && code != 128+int(syscall.SIGINT) {
		t.Errorf("exit code %d", code)
	}
	if len(p.trace("out_exit")) != 0 {
		t.Error("exit callbacks ran")
	}
}

// The whole life of instances under AddressSanitizer and UndefinedBehaviorSanitizer.
func TestSanitizers(t *testing.T) {
	t.Parallel()
	p := start(t, filepath.Join(built, "tidegate-testhost-asan"), strings.Replace(twoByTwo, "[OUTPUT]", `[INPUT]
    Name dummy
    Rate 1000
    Samples 50
    Dummy {"a":[{"b":"\u00e9"},1.5,-3]}
[FILTER]
    Name grep_mod
    Match dummy*
    Nth 1
[FILTER]
    Name strip_metadata
    Match other*
[OUTPUT]
    Name file
    Match *
    Path DIR
[OUTPUT]`, 1), "ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0")
	p.awaitTrace("flushed", 3+1+2)
	p.stop()
	p.expect("dummy.2", map[string]int{"filtered": 50})
	for _, bad := range []string{"ERROR: AddressSanitizer", "runtime error:"} {
		if strings.Contains(p.log(), bad) {
			t.Errorf("the log says %q", bad)
		}
	}
}
