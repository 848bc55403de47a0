package e2e_test

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// A host without the streaming append takes what a collect callback returns: slower, under
// the input's own tag, and just as complete.
func TestHostWithoutStreamingAppend(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	text, err := exec.Command("make", "-C", filepath.Join(root, "test", "host"), "OUT="+out, "STREAMING=0").CombinedOutput()
	if err != nil {
		t.Fatalf("building the host: %v\n%s", err, text)
	}
	host := harness.HostBinary{Path: filepath.Join(out, "tidegate-testhost"), Name: "test host without streaming append"}

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
