package e2e_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// An agent whose broker is gone still stops within its grace, with offsets left to commit.
func TestStopWithoutBroker(t *testing.T) {
	_, l := servers(t)
	k := harness.StartKafka(t, harness.KafkaOptions{})
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		k.CreateTopic(t, job, 2)
		load := messages{count: 1000}
		client.Produce(t, job, load.text(), "-K", "\t")
		arrived := arrivalOf(t, l, job)
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			loki: l.URL, labels: "job=" + job + "," + labelsOfLoad,
		}.String()})
		arrived.host = h
		arrived.wait(t, load.count, time.Minute)
		k.KillBroker(0)
		h.WaitLog(t, unreachable, time.Minute)
		begin := time.Now()
		stop(t, h)
		took := time.Since(begin)
		if took > 15*time.Second {
			t.Errorf("stopping took %s", took)
		}
		k.StartBroker(t, 0)
	})
}
