package abi_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// A record is one line of the file output.
type record struct {
	TS     json.Number
	Meta   map[string]any
	Record map[string]any
}

func records(t *testing.T, text string) []record {
	t.Helper()
	var all []record
	for l := range strings.Lines(text) {
		_, body, ok := strings.Cut(l, "\t")
		var r record
		if err := json.Unmarshal([]byte(body), &r); err != nil || !ok {
			t.Fatalf("reading %q: %v", l, err)
		}
		all = append(all, r)
	}
	return all
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), `
[SERVICE]
    Plugins_File   PLUGINS
    Flush          0.2
    scheduler.base 1
    scheduler.cap  1
[INPUT]
    Name  probe_in
    trace TRACE
    return_records 5
[OUTPUT]
    Name  probe_out
    Alias default
    Match *
    trace TRACE
    answers retry
[OUTPUT]
    Name  probe_out
    Alias never
    Match *
    trace TRACE
    answers retry
    Retry_Limit no_retries
[OUTPUT]
    Name  probe_out
    Alias patient
    Match *
    trace TRACE
    answers retry,retry,ok
    Retry_Limit no_limits
[OUTPUT]
    Name  probe_out
    Alias fails
    Match *
    trace TRACE
    answers error
`)
	p.awaitTrace("flushed", 2+1+3+1)
	p.stop()
	p.expect("default", map[string]int{"ok": 0, "retried": 5, "dropped": 5, "retries": 1, "retries_failed": 1, "pending": 0})
	p.expect("never", map[string]int{"ok": 0, "retried": 0, "dropped": 5, "retries": 0, "errors": 0})
	p.expect("patient", map[string]int{"ok": 5, "retried": 10, "dropped": 0, "retries": 2})
	p.expect("fails", map[string]int{"ok": 0, "retried": 0, "dropped": 5, "errors": 1})
	if !strings.Contains(p.log(), "dropped (retry_limit reached): records=5, input=probe_in.0 > output=default") {
		t.Error("the log does not tell of the drop")
	}
}

// Two chunks, each held for a second: two workers hold both at a time, the engine's thread one after the other.
func TestWorkers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		workers, thread string
		together        bool
	}{
		"0": {"0", "flb-pipeline", false},
		"2": {"2", "flb-out-probe_o", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, testhost(), strings.ReplaceAll(`
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.2
[INPUT]
    Name  probe_in
    append     2
    batch_tags one,two
[OUTPUT]
    Name  probe_out
    Match *
    trace TRACE
    block_ms 1000
    stack_kb 12
    Workers  N
`, "Workers  N", "Workers "+c.workers))
			p.awaitTrace("flushed", 2)
			p.stop()
			flushes := p.trace("flush", "flushed")
			if len(flushes) != 4 {
				t.Fatalf("%d events", len(flushes))
			}
			if together := flushes[1].event == "flush"; together != c.together {
				t.Errorf("both flushes at a time: %t, want %t", together, c.together)
			}
			tids := map[string]bool{}
			for _, l := range flushes {
				tids[l.fields["tid"]] = true
				if l.fields["thread"] != c.thread {
					t.Errorf("flush on thread %s, want %s", l.fields["thread"], c.thread)
				}
			}
			if (len(tids) == 2) != c.together {
				t.Errorf("%d threads", len(tids))
			}
			p.expect("probe_out.0", map[string]int{"ok": 2})
		})
	}
}

// A flush that needs more than the engine's small stack must not pass here, not even by a page.
func TestFlushStackIsSmall(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), `
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.2
[INPUT]
    Name  probe_in
    append 1
[OUTPUT]
    Name  probe_out
    Match *
    trace TRACE
    stack_kb 24
`)
	if code := p.exit(); code != -1 {
		t.Errorf("exit code %d, want an end by SIGSEGV", code)
	}
	if len(p.trace("flush")) != 1 || len(p.trace("flushed")) != 0 {
		t.Error("the flush did not die half-way")
	}
}

func TestRoutingAndFilters(t *testing.T) {
	t.Parallel()
	var conf strings.Builder
	conf.WriteString("[SERVICE]\n    Flush 0.2\n")
	inputs := map[string]int{"a.b.c": 100, "a.x.y.c": 7, "b": 3}
	for _, tag := range []string{"a.b.c", "a.x.y.c", "b"} {
		conf.WriteString("[INPUT]\n    Name dummy\n    Rate 1000\n    Tag " + tag + "\n    Metadata {\"origin\":{\"p\":1}}\n" +
			`    Dummy {"s":"\u00e9\n\ud83d\ude00\"","n":[1,-2,3.5,true,null],"big":9007199254740993}` + "\n")
		conf.WriteString("    Samples " + map[string]string{"a.b.c": "100", "a.x.y.c": "7", "b": "3"}[tag] + "\n")
	}
	conf.WriteString("[FILTER]\n    Name grep_mod\n    Match a.b.*\n    Nth 10\n[FILTER]\n    Name strip_metadata\n    Match b\n")
	conf.WriteString("[OUTPUT]\n    Name file\n    Match *\n    Path DIR\n    Workers 2\n")
	matches := map[string]int{"*": 100, "a.*.c": 97, "a.b.c": 90, "a*": 97, "*c": 97, "b*": 3, "*b*": 93, "a.b": 0, "**.x.*": 7, "a.*.b": 0}
	for match := range matches {
		conf.WriteString("[OUTPUT]\n    Name null\n    Alias m:" + match + "\n    Match " + match + "\n")
	}
	p := start(t, testhost(), conf.String())
	p.await("all records", func() bool {
		return strings.Count(p.read("a.b.c"), "\n") == 90 && strings.Count(p.read("a.x.y.c"), "\n") == inputs["a.x.y.c"] &&
			strings.Count(p.read("b"), "\n") == inputs["b"]
	})
	p.stop()
	for match, want := range matches {
		p.expect("m:"+match, map[string]int{"ok": want})
	}
	p.expect("grep_mod.0", map[string]int{"seen": 100, "dropped": 10})
	p.expect("dummy.0", map[string]int{"records": 100, "filtered": 10})
	p.expect("strip_metadata.1", map[string]int{"seen": 3, "dropped": 0})
	for file, meta := range map[string]int{"a.b.c": 1, "b": 0} {
		for _, r := range records(t, p.read(file)) {
			if len(r.Meta) != meta || r.Record["s"] != "é\n😀\"" || len(r.Record["n"].([]any)) != 5 || !strings.Contains(r.TS.String(), ".") {
				t.Fatalf("%s: %+v", file, r)
			}
		}
	}
	if !strings.Contains(p.read("b"), `"big":9007199254740993`) {
		t.Error("a large integer lost digits")
	}
}
