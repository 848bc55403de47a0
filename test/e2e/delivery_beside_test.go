package e2e_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// An agent whose input cannot know whom to wait for is no member of its group: it would hold
// partitions that nobody reads, beside another agent that is in order.
func TestUnackableLeavesItsGroup(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		load := messages{count: 3000}
		k.CreateTopic(t, job, 4)
		wrong := harness.StartHost(t, host, harness.HostConfig{Pipeline: ackPipeline(k.Brokers(), job, job, "", ackLoki+ackLogTide)})
		wrong.WaitLog(t, "instance stopped working", time.Minute)
		arrived := arrivalOf(t, l, job)
		right := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			loki: l.URL, labels: "job=" + job + "," + labelsOfLoad,
		}.String()})
		arrived.host = right
		client.Produce(t, job, load.text(), "-K", "\t")
		arrived.check(t, load, time.Minute)
		stop(t, right)
		stop(t, wrong)
		checkCommitted(t, k, job, job)
	})
}
