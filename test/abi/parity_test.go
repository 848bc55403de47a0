package abi_test

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// perThread is what each thread's probes saw, in order: threads race with each other, one thread does not race with itself.
func perThread(p *process) map[string][]string {
	all := map[string][]string{}
	for _, l := range p.trace() {
		thread := l.fields["thread"]
		delete(l.fields, "thread")
		delete(l.fields, "tid")
		delete(l.fields, "trace") // names the run's own folder
		text := l.event + " " + l.rest
		for _, key := range slices.Sorted(maps.Keys(l.fields)) {
			text += " " + key + "=" + l.fields[key]
		}
		all[thread] = append(all[thread], text)
	}
	return all
}

// The same configuration on a real Fluent Bit must show the probes the same things in the same order.
func TestSameAsFluentBit(t *testing.T) {
	t.Parallel()
	real, err := exec.LookPath("fluent-bit")
	if err != nil {
		t.Skip("no fluent-bit on PATH: nothing to compare the stand-in with")
	}
	for name, c := range map[string]struct {
		from, to string
		fails    bool
	}{
		"whole life":    {},
		"input fails":   {"Alias one", "fail_init true", true},
		"output fails":  {"answers retry,ok", "fail_init true", true},
		"second fails":  {"Workers 1", "fail_init true", true},
		"unknown named": {"Workers 1", "nonsense 1", true},
		"without limit": {"Host  nowhere", "Mem_Buf_Limit 1G", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf := strings.Replace(twoByTwo, c.from, c.to, 1)
			same(t, life(t, testhost(), conf, c.fails), life(t, real, conf, c.fails))
		})
	}
}

// life runs a host to its end. What a failed start exits with differs: 1 here, 255 there.
func life(t *testing.T, host, conf string, fails bool) map[string][]string {
	t.Helper()
	p := start(t, host, conf)
	if fails {
		if code := p.exit(); code <= 0 {
			t.Errorf("exit code %d of a failed start", code)
		}
	} else {
		p.awaitTrace("flushed", 3+1+2)
		p.stop()
	}
	return perThread(p)
}

func same(t *testing.T, here, there map[string][]string) {
	t.Helper()
	if len(here) != len(there) {
		t.Errorf("threads: %d here, %d there", len(here), len(there))
	}
	for thread, want := range there {
		got := here[thread]
		if strings.HasPrefix(thread, "flb-in") { // two inputs, one name
			slices.Sort(got)
			slices.Sort(want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("thread %s:\n here %q\nthere %q", thread, got, want)
		}
	}
}
