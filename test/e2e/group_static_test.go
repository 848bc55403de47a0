package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// An agent with a group_instance_id that is back within its session has its partitions as
// before, and the other member notices nothing. Without one they move, and move back.
func TestStaticMemberRestarts(t *testing.T) {
	k := kafkaAlone(t)
	const session, two = "rdkafka.session.timeout.ms 30000", `partitions assigned.*\[\d \d\]`
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, static := range map[string]bool{"static": true, "dynamic": false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				topic := uniqueName(t)
				k.CreateTopic(t, topic, 4)
				start := func(id string) reading {
					lines := []string{session, "rdkafka.heartbeat.interval.ms 500"}
					if static {
						lines = append(lines, "group_instance_id "+id)
					}
					return startReading(t, host, k, topic, topic, lines...)
				}
				stays := start("node-1")
				stays.WaitLog(t, `partitions assigned`, time.Minute)
				leaves := start("node-2")
				leaves.WaitLog(t, two, time.Minute)
				timed{count: 100, partitions: 4}.produce(t, k, topic)
				waitAllCommitted(t, k, topic, topic)

				before := assignments(stays)
				stop(t, leaves.Host)
				back := start("node-2")
				back.WaitLog(t, two, time.Minute)
				timed{first: 100, count: 100, partitions: 4}.produce(t, k, topic)
				waitAllCommitted(t, k, topic, topic)
				if after := assignments(stays); (after == before) != static {
					t.Errorf("the other member saw %d rebalances, and %d with a restart", before, after)
				}
				got := stays.counts(t)
				for _, r := range []reading{leaves, back} {
					for n, times := range r.counts(t) {
						got[n] += times
					}
				}
				for n := range 200 {
					if got[n] != 1 {
						t.Errorf("record %d is there %d times", n, got[n])
					}
				}
				stop(t, back.Host)
				stop(t, stays.Host)
			})
		}
	})
}

// assignments is how often partitions came to an agent, or went from it.
func assignments(r reading) int {
	return strings.Count(r.Log(), "partitions assigned") + strings.Count(r.Log(), "partitions revoked")
}

// With client_rack an agent fetches from the replica in its rack: its records go on coming
// when it has no way to the leader any more. Without it they wait.
func TestClientRack(t *testing.T) {
	k := harness.StartKafka(t, harness.KafkaOptions{Brokers: 3, Proxied: true, Racks: true})
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 1)
		leader := k.Leader(t, topic, 0)
		start := func(group string, further ...string) reading {
			return readingFrom(t, host, nil, k.ProxiedBrokers(), topic, group, further...)
		}
		near := start(topic+"-near", "client_rack "+k.Rack((leader+1)%3))
		far := start(topic + "-far")
		timed{count: 10, partitions: 1}.produce(t, k, topic)
		near.wantFrom(t, 0, 10)
		far.wantFrom(t, 0, 10)

		k.Proxies()[leader].Cut()
		timed{first: 10, count: 10, partitions: 1}.produce(t, k, topic)
		near.wantFrom(t, 0, 20)
		if n := len(far.counts(t)); n != 10 {
			t.Errorf("without client_rack %d records came, 10 of them before the leader was out of reach", n)
		}
		k.Proxies()[leader].Heal()
		far.wantFrom(t, 0, 20)
		stop(t, near.Host)
		stop(t, far.Host)
	})
}
