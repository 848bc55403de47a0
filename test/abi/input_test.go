package abi_test

import (
	"strconv"
	"testing"
)

func accepted(p *process) []int {
	var counts []int
	for _, l := range p.trace("append") {
		n, err := strconv.Atoi(l.fields["accepted"])
		if err != nil {
			p.t.Fatal(err)
		}
		counts = append(counts, n)
	}
	return counts
}

func TestCollectAndAppend(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), `
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.2
[INPUT]
    Name  probe_in
    Tag   returned
    trace TRACE
    return_records 5
    append         6
    batch_tags     one,two
[OUTPUT]
    Name  file
    Match *
    Path  DIR
`)
	p.await("records", func() bool { return len(p.read("returned")) > 0 && len(p.read("two")) > 0 && len(p.read("one")) > 0 })
	p.stop()
	p.expect("probe_in.0", map[string]int{"appends": 7, "records": 11, "refused": 0})
	p.expect("file.0", map[string]int{"ok": 11, "dropped": 0, "pending": 0})
	for file, want := range map[string]int{"returned": 5, "one": 3, "two": 3} {
		if got := len(records(t, p.read(file))); got != want {
			t.Errorf("%s: %d records, want %d", file, got, want)
		}
	}
	if n := len(p.trace("cleanup")); n != 1 {
		t.Errorf("%d cleanups of one returned buffer", n)
	}
}

// While a flush without workers holds the engine, exactly the slots of the ring can be appended. The next append fails after a
// second, and so does that of the returned buffer, whose loss the plugin never hears of.
func TestRingFull(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), `
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.1
[INPUT]
    Name  probe_in
    trace TRACE
    return_records 1
    append       1100
    append_after 1
    collects     2
[OUTPUT]
    Name  probe_out
    Match *
    trace TRACE
    block_ms 5000
    blocks   1
`)
	p.awaitTrace("append", 1)
	p.awaitTrace("flushed", 2)
	p.stop()
	if got := accepted(p); len(got) != 1 || got[0] != 1024 {
		t.Errorf("accepted %v, want 1024 at once", got)
	}
	p.expect("probe_in.0", map[string]int{"refused": 2, "records": 1025, "thrown_batches": 0})
	p.expect("probe_out.0", map[string]int{"ok": 1025})
}

// An input that is paused over its limit keeps its ring, and a stop throws the ring away.
func TestRingThrownAwayAtStop(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), `
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.2
    Grace        1
[INPUT]
    Name  probe_in
    trace TRACE
    append        100
    batch_bytes   1000
    Mem_Buf_Limit 20k
[OUTPUT]
    Name  probe_out
    Match *
    trace TRACE
    answers     retry
    Retry_Limit no_limits
`)
	p.awaitTrace("pause", 1)
	p.awaitTrace("append", 1)
	p.stop()
	p.expect("probe_in.0", map[string]int{"appends": 100, "records": 20, "pauses": 1, "thrown_batches": 80, "thrown_records": 80})
	p.expect("probe_out.0", map[string]int{"ok": 0, "dropped": 0, "pending": 20})
}

// The records come after a second, when no flush is due: one amid them would make room
// before the limit is reached.
func TestPauseAndResumeAtTheLimit(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), `
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.3
[INPUT]
    Name  probe_in
    trace TRACE
    append        100
    batch_bytes   1000
    Mem_Buf_Limit 30k
[OUTPUT]
    Name  probe_out
    Match *
    trace TRACE
`)
	p.awaitTrace("flushed", 4)
	p.stop()
	if pauses, resumes := len(p.trace("pause")), len(p.trace("resume")); pauses < 3 || resumes < 3 {
		t.Errorf("%d pauses, %d resumes", pauses, resumes)
	}
	p.expect("probe_in.0", map[string]int{"records": 100, "pauses": 3, "thrown_batches": 0})
	p.expect("probe_out.0", map[string]int{"ok": 100})
}
