package e2e_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// A host without the streaming append takes what a collect callback returns: slower, under
// the input's own tag, and just as complete.
func TestHostWithoutStreamingAppend(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	host := hostWithout(t, "STREAMING=0")

	job := uniqueName(t)
	k.CreateTopic(t, job, 2)
	load := messages{count: 20_000}
	client.Produce(t, job, load.text(), "-K", "\t")
	arrived := arrivalOf(t, l, job)
	p := pipeline{
		brokers: k.Brokers(), topics: job, group: job, input: []string{"tag kafka.all"},
		loki: l.URL, labels: "job=" + job + "," + labelsOfLoad,
	}
	h := harness.StartHost(t, host, harness.HostConfig{Pipeline: p.String()})
	arrived.host = h
	h.WaitLog(t, "no streaming append", time.Minute)
	arrived.check(t, load, time.Minute)
	stop(t, h)
	checkCommitted(t, k, job, job)
}

// A host that exports nothing for metrics, and nothing to suspend a flush with, gets all
// the same delivered. What is missing is told once for each instance.
func TestHostWithoutMetricsAndCoroutines(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	host := hostWithout(t, "METRICS=0", "SUSPEND=0")
	job := uniqueName(t)
	k.CreateTopic(t, job, 2)
	load := messages{count: 20_000}
	client.Produce(t, job, load.text(), "-K", "\t")
	arrived := arrivalOf(t, l, job)
	p := pipeline{
		brokers: k.Brokers(), topics: job, group: job,
		loki: l.URL, labels: "job=" + job + "," + labelsOfLoad, output: []string{"Workers 2"},
	}
	h := harness.StartHost(t, host, harness.HostConfig{Pipeline: p.String()})
	arrived.host = h
	arrived.check(t, load, time.Minute)
	stop(t, h)
	checkCommitted(t, k, job, job)
	for line, want := range map[string]int{
		"native metrics are off": 2, "this host does not say what it took": 1, "this host cannot suspend a flush": 1,
	} {
		if n := strings.Count(h.Log(), line); n != want {
			t.Errorf("%q is in the log %d times, want %d", line, n, want)
		}
	}
}

// hostWithout builds a stand-in that lacks what make's switches turn off.
func hostWithout(t *testing.T, switches ...string) harness.HostBinary {
	t.Helper()
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	text, err := exec.Command("make", append([]string{"-C", filepath.Join(root, "test", "host"), "OUT=" + out}, switches...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("building the host: %v\n%s", err, text)
	}
	return harness.HostBinary{Path: filepath.Join(out, "tidegate-testhost"), Name: "test host with " + strings.Join(switches, " ")}
}
