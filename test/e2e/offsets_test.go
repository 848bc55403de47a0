package e2e_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// A graceful stop commits everything that was delivered, and the next start goes on from
// there: nothing is lost and nothing is read twice.
func TestOffsetsAcrossARestart(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		k.CreateTopic(t, job, 3)
		arrived := arrivalOf(t, l, job)
		config := harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			loki: l.URL, labels: "job=" + job + "," + labelsOfLoad,
		}.String()}
		const each = 3000
		for run := 1; run <= 3; run++ {
			client.Produce(t, job, messages{first: (run - 1) * each, count: each}.text(), "-K", "\t")
			h := harness.StartHost(t, host, config)
			arrived.host = h
			arrived.check(t, messages{count: run * each}, time.Minute)
			stop(t, h)
			checkCommitted(t, k, job, job)
		}
		// What a run read twice may still have been on its way at its last check.
		arrived.check(t, messages{count: 3 * each}, time.Minute)
	})
}

// stop ends a host as an operator does.
func stop(t *testing.T, h *harness.Host) {
	t.Helper()
	if code := h.Stop(t); code != 0 {
		t.Errorf("exit code %d after a graceful stop", code)
	}
}

// checkCommitted demands that a group has committed all there is of a topic.
func checkCommitted(t *testing.T, k *harness.Kafka, group, topic string) {
	t.Helper()
	committed := k.CommittedOffsets(t, group, topic)
	for partition, end := range k.EndOffsets(t, topic) {
		if committed[partition] != end {
			t.Errorf("group %s, %s[%d]: committed %d, end %d", group, topic, partition, committed[partition], end)
		}
	}
}
