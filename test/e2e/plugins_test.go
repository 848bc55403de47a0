package e2e_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// The folder that make build leaves can be copied anywhere and loaded from there.
func TestCopiedPluginFolder(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	from, err := harness.PluginsDir()
	if err != nil {
		t.Fatal(err)
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		to := filepath.Join(t.TempDir(), "another place")
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		job := uniqueName(t)
		k.CreateTopic(t, job, 1)
		arrived := arrivalOf(t, l, job)
		load := messages{count: 100}
		client.Produce(t, job, load.text(), "-K", "\t")
		arrived.host = harness.StartHost(t, host, harness.HostConfig{Plugins: to, Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			loki: l.URL, labels: "job=" + job + "," + labelsOfLoad,
		}.String()})
		arrived.check(t, load, time.Minute)
	})
}

// Several topics: listed ones, and those that a regular expression takes, each with the
// tag that its name gives.
func TestTopicsAndTags(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		for _, suffix := range []string{"-a.1", "-a.2", "-b", "-other"} {
			k.CreateTopic(t, job+suffix, 1)
			client.Produce(t, job+suffix, `{"topic":"`+suffix+`"}`+"\n")
		}
		arrived := arrivalOf(t, l, job)
		arrived.host = harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: "^" + job + `-a\..*,` + job + "-b", group: job,
			loki: l.URL, labels: "job=" + job + ",tag=$TAG",
		}.String()})
		arrived.wait(t, 3, time.Minute)
		got := map[string]string{}
		for _, e := range arrived.lines(t) {
			got[e.Labels["tag"]] = canonical(t, e.Line)
		}
		for _, suffix := range []string{"-a.1", "-a.2", "-b"} {
			if want := `{"topic":"` + suffix + `"}`; got["kafka."+job+suffix] != want {
				t.Errorf("tag kafka.%s%s: %s, want %s", job, suffix, got["kafka."+job+suffix], want)
			}
		}
	})
}
