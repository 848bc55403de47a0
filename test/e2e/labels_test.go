package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

const labelsOfLoad = "service=$service,level=$level"

// The main job: each of 100,000 messages of four partitions is in Loki, once, under the
// labels that its JSON names, whether the host flushes on its engine or on workers.
func TestHundredThousandMessages(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	load := messages{count: 100_000}
	topic := uniqueName(t)
	k.CreateTopic(t, topic, 4)
	client.Produce(t, topic, load.text(), "-K", "\t")
	for partition, end := range k.EndOffsets(t, topic) {
		if end == 0 {
			t.Fatalf("partition %d got no message", partition)
		}
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for _, workers := range []int{0, 2} {
			t.Run(fmt.Sprintf("workers-%d", workers), func(t *testing.T) {
				job := uniqueName(t)
				arrived := arrivalOf(t, l, job)
				arrived.from = arrived.from.Add(-10 * time.Minute) // the load was made before the hosts' turns
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
					brokers: k.Brokers(), topics: topic, group: job,
					loki: l.URL, labels: "job=" + job + "," + labelsOfLoad,
					output: []string{fmt.Sprintf("Workers %d", workers)},
				}.String()})
				arrived.host = h
				arrived.wait(t, load.count, 2*time.Minute)
				stop(t, h)
				arrived.check(t, load, time.Minute)
				checkCommitted(t, k, job, topic)
			})
		}
	})
}

// The message that Promtail cannot label: its fields are found by a label made from it.
func TestDeviceMessage(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	const message = `{"deviceid":"garage","f":12,"m":1,"t":"18.21","p":"1005.19","h":"59.19","l":"15.00","r":"-83.00"}`
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		k.CreateTopic(t, job, 1)
		arrived := arrivalOf(t, l, job)
		arrived.host = harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			loki: l.URL, labels: "job=" + job + ",deviceid=$deviceid",
		}.String()})
		client.Produce(t, job, message+"\n")
		arrived.wait(t, 1, time.Minute)

		found, err := l.Lines(`{deviceid="garage"}`, arrived.from, time.Now().Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		ours := 0
		for _, e := range found {
			if e.Labels["job"] == job { // an earlier host's has another
				ours++
				sameLines(t, []harness.Entry{e}, []string{message})
			}
		}
		if ours != 1 {
			t.Errorf("found %d times", ours)
		}
	})
}
