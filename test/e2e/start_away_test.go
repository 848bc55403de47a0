package e2e_test

import (
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

// A partition whose broker is away when the agent starts waits for it, and is then read
// from where start_at says. The others do not wait.
func TestStartWhileABrokerIsAway(t *testing.T) {
	k := harness.StartKafka(t, harness.KafkaOptions{Brokers: 3})
	a := admin(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		results, err := a.CreateTopics(t.Context(), []kafka.TopicSpecification{{
			Topic: topic, NumPartitions: 3, ReplicaAssignment: [][]int32{{1}, {3}, {2}},
		}})
		if err != nil || results[0].Error.Code() != kafka.ErrNoError {
			t.Fatal(results, err)
		}
		harness.Eventually(t, time.Minute, "leaders of "+topic, func() error {
			_, err := k.Ends(topic)
			return err
		})
		timed{count: 300, partitions: 3, at: time.Now().Add(-time.Hour), step: time.Second}.produce(t, k, topic)
		k.KillBroker(2)
		r := startReading(t, host, k, topic, topic, "start_at -2h", "rdkafka.topic.metadata.refresh.interval.ms 1000")
		r.WaitLog(t, `cannot find out where to start.*partitions=1`, time.Minute)
		harness.Eventually(t, time.Minute, "what the other brokers have", func() error {
			return atLeast(len(r.counts(t)), 200)
		})
		for n := range r.counts(t) {
			if n%3 == 1 {
				t.Fatalf("record %d is on a broker that is away", n)
			}
		}
		k.StartBroker(t, 2)
		r.wantFrom(t, 0, 300)
		stop(t, r.Host)
	})
}
