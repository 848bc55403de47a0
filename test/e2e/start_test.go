package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

// partitionsOfStart is how many the topics of these tests have.
const partitionsOfStart = 3

// Reading starts where start_at says, by number.
func TestStartAt(t *testing.T) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, partitionsOfStart)
		// One record in ten seconds, for the last 3,000 seconds.
		begin := time.Now().Add(-3000 * time.Second).Truncate(time.Second)
		old := timed{count: 300, partitions: partitionsOfStart, at: begin, step: 10 * time.Second}
		old.produce(t, k, topic)
		for at, c := range map[string]struct {
			lines []string
			first int
		}{
			"by default":    {nil, 0},
			"earliest":      {[]string{"start_at earliest"}, 0},
			"a time":        {[]string{"start_at " + begin.Add(1000*time.Second).UTC().Format(time.RFC3339)}, 100},
			"before all":    {[]string{"start_at -2h"}, 0},
			"latest":        {[]string{"start_at latest"}, 300},
			"later than it": {[]string{"start_at " + time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}, 300},
		} {
			t.Run(at, func(t *testing.T) {
				group := uniqueName(t)
				r := startReading(t, host, k, topic, group, c.lines...)
				r.WaitLog(t, `partitions start afresh`, time.Minute)
				if c.first < 300 {
					r.wantFrom(t, c.first, 300)
				}
				stop(t, r.Host)
				// The starts were committed, so a record that comes now is not passed.
				timed{first: 300, count: 30, partitions: partitionsOfStart}.produce(t, k, topic)
				more := startReading(t, host, k, topic, group, c.lines...)
				more.wantFrom(t, 300, 330)
				stop(t, more.Host)
				checkCommitted(t, k, group, topic)
				// The next case begins with a topic of 300 again.
				topic = uniqueName(t)
				k.CreateTopic(t, topic, partitionsOfStart)
				old.produce(t, k, topic)
			})
		}
	})
}

// How long ago counts from the agent's start. Both sides of the border are minutes away
// from it, so that a slow machine does not move it.
func TestStartAtRelative(t *testing.T) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, partitionsOfStart)
		timed{count: 90, partitions: partitionsOfStart, at: time.Now().Add(-90 * time.Minute), step: time.Second}.produce(t, k, topic)
		timed{first: 90, count: 90, partitions: partitionsOfStart, at: time.Now().Add(-45 * time.Minute), step: time.Second}.produce(t, k, topic)
		r := startReading(t, host, k, topic, topic, "start_at -1h")
		r.wantFrom(t, 90, 180)
		stop(t, r.Host)
	})
}

// A replay from a time, by number: each record once, also where the group rebalances.
func TestReplay(t *testing.T) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, partitionsOfStart)
		begin := time.Now().Add(-3000 * time.Second).Truncate(time.Second)
		timed{count: 300, partitions: partitionsOfStart, at: begin, step: 10 * time.Second}.produce(t, k, topic)
		r := startReading(t, host, k, topic, topic)
		r.wantFrom(t, 0, 300)
		stop(t, r.Host)
		checkCommitted(t, k, topic, topic)

		r = startReading(t, host, k, topic, topic, "start_at "+begin.Add(1500*time.Second).UTC().Format(time.RFC3339), "start_at_force on")
		r.wantFrom(t, 150, 300)
		waitAllCommitted(t, k, topic, topic)
		assigned, leave := member(t, k, topic, topic, "cooperative-sticky")
		waitAssigned(t, assigned)
		leave()
		// All of the topic is the agent's again when these have come.
		timed{first: 300, count: 30, partitions: partitionsOfStart}.produce(t, k, topic)
		r.wantFrom(t, 150, 330)
		stop(t, r.Host)
		checkCommitted(t, k, topic, topic)
	})
}

// Partitions that a topic gets later are read from their beginning although start_at says
// latest, whether the agent runs or not.
func TestStartOfPartitionsThatComeLater(t *testing.T) {
	k, _ := servers(t)
	grow := func(t *testing.T, topic string, to int) {
		t.Helper()
		results, err := admin(t, k).CreatePartitions(t.Context(), []kafka.PartitionsSpecification{{Topic: topic, IncreaseTo: to}})
		if err != nil || results[0].Error.Code() != kafka.ErrNoError {
			t.Fatal(results, err)
		}
		harness.Eventually(t, time.Minute, "the new partitions", func() error {
			_, err := k.Ends(topic)
			return err
		})
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 1)
		timed{count: 100, partitions: 1}.produce(t, k, topic)
		lines := []string{"start_at latest", "rdkafka.topic.metadata.refresh.interval.ms 1000"}
		r := startReading(t, host, k, topic, topic, lines...)
		r.WaitLog(t, `partitions start afresh`, time.Minute)
		grow(t, topic, 2)
		timed{first: 100, count: 100, partitions: 2}.produce(t, k, topic)
		r.wantFrom(t, 100, 200)
		stop(t, r.Host)

		grow(t, topic, 4)
		timed{first: 200, count: 100, partitions: 4}.produce(t, k, topic)
		r = startReading(t, host, k, topic, topic, lines...)
		r.wantFrom(t, 200, 300)
		stop(t, r.Host)
	})
}

// Records that Kafka deleted before they were read are told, with their number; the rest
// is read, and not passed with start_at latest either.
func TestDeletedBeforeRead(t *testing.T) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, line := range map[string]string{
			"cooperative":         "",
			"eager":               "rdkafka.partition.assignment.strategy range",
			"brokers that assign": "rdkafka.group.protocol consumer",
		} {
			t.Run(name, func(t *testing.T) {
				topic := uniqueName(t)
				k.CreateTopic(t, topic, 2)
				timed{count: 200, partitions: 2}.produce(t, k, topic)
				a := admin(t, k)
				commitOffsets(t, k, topic, topic, harness.Offsets{0: 10, 1: 0})
				deleted, err := a.DeleteRecords(context.Background(), []kafka.TopicPartition{{Topic: &topic, Partition: 0, Offset: 50}})
				if err != nil || deleted.DeleteRecordsResults[0].TopicPartition.Error != nil {
					t.Fatal(deleted, err)
				}
				r := startReading(t, host, k, topic, topic, "start_at latest", line)
				r.WaitLog(t, `\[error\].*deleted before they were read.*partition=0.*from=10 to=50.*lost=40`, time.Minute)
				harness.Eventually(t, time.Minute, "what is left", func() error {
					return atLeast(len(r.counts(t)), 150)
				})
				for n, times := range r.counts(t) {
					if times != 1 || n%2 == 0 && n < 100 {
						t.Errorf("record %d came %d times", n, times)
					}
				}
				stop(t, r.Host)
				checkCommitted(t, k, topic, topic)
			})
		}
	})
}

// Excluded topics are not read, by name and by expression, of listed ones and of those
// that an expression takes.
func TestExcludeTopics(t *testing.T) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		base := uniqueName(t)
		topics := []string{"-a", "-b.x", "-b-x", "-c.test.1", "-c.live", "-listed"}
		for i, topic := range topics {
			k.CreateTopic(t, base+topic, 1)
			timed{first: i * 10, count: 10, partitions: 1}.produce(t, k, base+topic)
		}
		other := base + "-listed-too"
		k.CreateTopic(t, other, 1)
		timed{first: 60, count: 10, partitions: 1}.produce(t, k, other)
		r := startReading(t, host, k, "^"+base+"-[abc],"+base+"-listed,"+other, base,
			"exclude_topics "+base+`-b.x,^`+base+`-c\.te,`+base+"-listed")
		want := map[int]bool{}
		for _, i := range []int{0, 2, 4, 6} {
			for n := i * 10; n < i*10+10; n++ {
				want[n] = true
			}
		}
		harness.Eventually(t, time.Minute, "the topics that are not excluded", func() error {
			return atLeast(len(r.counts(t)), len(want))
		})
		stop(t, r.Host)
		for n := range r.counts(t) {
			if !want[n] {
				t.Errorf("record %d of %s came", n, topics[n/10])
			}
		}
		for _, excluded := range []string{"-b.x", "-c.test.1", "-listed"} {
			if got := k.CommittedOffsets(t, base, base+excluded); len(got) > 0 {
				t.Errorf("the group has offsets for %s: %v", excluded, got)
			}
		}
	})
}
