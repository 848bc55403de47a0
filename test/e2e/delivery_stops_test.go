package e2e_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

const (
	stopsLoad = 60_000
	stops     = 3
)

// An agent that is stopped in the midst of a backlog, again and again, delivers each record
// once: what it had no time for is read by the next one, and nothing else.
func TestStopsUnderLoad(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		load := messages{count: stopsLoad}
		k.CreateTopic(t, job, 4)
		client.Produce(t, job, load.text(), "-K", "\t")
		arrived := arrivalOf(t, l, job)
		config := harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			// Little at a time, so that a stop finds it at work.
			input: []string{"max_in_flight 2Mi", "mem_buf_limit 2M"},
			loki:  l.URL, labels: "job=" + job + "," + labelsOfLoad,
		}.String()}
		stopUnderLoad(t, host, config, k, job, stopsLoad)
		h := harness.StartHost(t, host, config)
		arrived.host = h
		arrived.check(t, load, 2*time.Minute)
		stop(t, h)
		arrived.check(t, load, time.Minute)
		checkCommitted(t, k, job, job)
	})
}

// stopUnderLoad starts and stops an agent some times before it has read all of a topic.
func stopUnderLoad(t *testing.T, host harness.HostBinary, config harness.HostConfig, k *harness.Kafka, topic string, count int) {
	t.Helper()
	amid := 0
	for n := range stops {
		h := harness.StartHost(t, host, config)
		h.WaitLog(t, "partitions assigned", time.Minute)
		<-time.After(time.Duration(300+300*n) * time.Millisecond)
		stop(t, h)
		committed := countOf(k.CommittedOffsets(t, topic, topic))
		t.Logf("stop %d: %d of %d messages are committed", n+1, committed, count)
		if committed > 0 && committed < count {
			amid++
		}
	}
	if amid == 0 {
		t.Error("no stop was in the midst of the load")
	}
}
