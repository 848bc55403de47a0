package e2e_test

import (
	"maps"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// stop_at end reads up to the ends of the start, says so, and reads nothing more: with
// markers of a transaction at the ends, and an empty partition.
func TestStopAtEnd(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 4)
		timed{count: 100, partitions: 2, transaction: true}.produce(t, k, topic)
		timed{first: 100, count: 5, partitions: 1}.produce(t, k, topic)
		for _, group := range []string{topic + "-first", topic + "-second"} {
			end := len(client.Consume(t, topic, "%o\n"))
			r := startReading(t, host, k, topic, group, "start_at -1d", "start_at_force on", "stop_at end")
			r.WaitLog(t, `\[ *info\].*this input is idle now.*partitions=4`, time.Minute)
			r.wantFrom(t, 0, end)
			// The next ones are there for other readers, and not for this one.
			timed{first: end, count: 40, partitions: 4}.produce(t, k, topic)
			before := r.counts(t)
			if n := len(client.Consume(t, topic, "%o\n")); n != end+40 {
				t.Fatalf("another reader has %d records, want %d", n, end+40)
			}
			stop(t, r.Host)
			if after := r.counts(t); !maps.Equal(before, after) {
				t.Errorf("%d records came after the end", len(after)-len(before))
			}
		}
	})
}
