package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// traffic is a load that goes on while members of the group of its topic's name come and go.
type traffic struct {
	arrival
	source    *fault.KafkaSource
	committed *fault.Watermarks
	sending   sync.WaitGroup
	enough    chan struct{} // closed to end it
	sendErr   error         // valid when sending is done
}

func startTraffic(t *testing.T, k *harness.Kafka, l *harness.Loki, topic string, perSecond int) *traffic {
	t.Helper()
	source, err := fault.NewKafkaSource(k.Brokers(), topic)
	if err != nil {
		t.Fatal(err)
	}
	f := &traffic{arrival: arrivalOf(t, l, topic), source: source, enough: make(chan struct{})}
	ctx := t.Context()
	f.sending.Go(func() {
		for f.sendErr == nil {
			select {
			case <-f.enough:
				return
			default:
				f.sendErr = source.Send(ctx, perSecond, perSecond)
			}
		}
	})
	t.Cleanup(func() {
		f.sending.Wait() // the test's context is over by then
		source.Close()
	})
	return f
}

// flows waits for the first records, and follows from then on what is committed. Asked
// before for a group that nobody coordinates yet, librdkafka's admin client crashes (run).
func (f *traffic) flows(t *testing.T, k *harness.Kafka) {
	t.Helper()
	waitFlow(t, f, 1000)
	f.committed = fault.Follow(k, f.job, f.job, 100*time.Millisecond)
}

// Len implements fault.Store.
func (f *traffic) Len() (int, error) {
	counts, err := f.loki.Count(f.selector(), []string{"job"}, f.from, time.Now().Add(time.Second))
	return counts[f.selector()], err
}

// Read implements fault.Store. Copies that Loki was sent and shows no line for count, too.
func (f *traffic) Read() (*fault.Copies, error) {
	received, err := f.loki.Received()
	if err != nil {
		return nil, err
	}
	entries, err := f.loki.Lines(f.selector(), f.from, time.Now().Add(time.Second))
	c := &fault.Copies{}
	for _, e := range entries {
		c.Add([]byte(e.Line))
	}
	c.AddHidden(received - f.base - len(entries))
	return c, err
}

// judge ends the load, and demands that each record of it has arrived, that all offsets are
// committed, and that none ever went back.
func (f *traffic) judge(t *testing.T, k *harness.Kafka) {
	t.Helper()
	close(f.enough)
	f.sending.Wait()
	if f.sendErr != nil {
		t.Fatal(f.sendErr)
	}
	v, err := fault.Settle(f, f.source.Ledger, 20*time.Second, 2*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(v)
	if err := v.Lossless(); err != nil {
		t.Error(err)
	}
	waitAllCommitted(t, k, f.job, f.job)
	moves, err := f.committed.Stop()
	if err != nil || moves == 0 {
		t.Errorf("commits were seen to move %d times, %v", moves, err)
	}
}

// quickSession is the shortest that brokers allow by default.
const quickSession = "rdkafka.session.timeout.ms 6000"

// groupAgent reads as a member of the group of a topic's name.
func groupAgent(t *testing.T, host harness.HostBinary, k *harness.Kafka, f *traffic, further ...string) *harness.Host {
	t.Helper()
	return harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
		brokers: k.Brokers(), topics: f.job, group: f.job, loki: f.loki.URL, labels: "job=" + f.job,
		input: append([]string{"alias source", quickSession, "commit_interval 200ms"}, further...),
	}.String()})
}

// Whose group_instance_id another member takes says so in one line, and reads on with a new
// client when its session would have been over, also when the other member has gone without
// a word. Nothing is missing.
func TestFencedMember(t *testing.T) {
	k, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		f := startTraffic(t, k, l, topic, 1000)
		h := groupAgent(t, host, k, f, "group_instance_id node-17")
		h.WaitLog(t, `partitions assigned`, time.Minute)
		f.flows(t, k)

		assigned, leave := memberWith(t, k, topic, kafka.ConfigMap{
			"group.id": topic, "group.instance.id": "node-17", "partition.assignment.strategy": "cooperative-sticky", "session.timeout.ms": 6000,
		})
		const taken = `\[error\].*:source\].*another member of group .* has taken over group_instance_id node-17`
		line := h.WaitLog(t, taken, time.Minute)
		begin := time.Now()
		if !strings.Contains(line, "in=8s") {
			t.Errorf("the next client is to come after 8 seconds: %s", line)
		}
		waitAssigned(t, assigned)
		leave()
		harness.Eventually(t, time.Minute, "the next client", func() error {
			if n := strings.Count(h.Log(), "partitions assigned"); n < 2 {
				return fmt.Errorf("partitions were assigned %d times", n)
			}
			return nil
		})
		if took := time.Since(begin); took < 7*time.Second {
			t.Errorf("the next client was there after %s", took)
		}
		f.host = h
		f.judge(t, k)
		stop(t, h)
		if found := regexp.MustCompile(taken).FindAllString(h.Log(), -1); len(found) != 1 {
			t.Errorf("%d lines tell of it:\n%s", len(found), strings.Join(found, "\n"))
		}
		if found := regexp.MustCompile(`\[error\].*`).FindAllString(h.Log(), -1); len(found) != 1 {
			t.Errorf("the errors of the log:\n%s", strings.Join(found, "\n"))
		}
	})
}

// waitFlow waits until so many records have arrived.
func waitFlow(t *testing.T, f *traffic, count int) {
	t.Helper()
	harness.Eventually(t, time.Minute, "records of "+f.selector(), func() error {
		n, err := f.Len()
		if err == nil {
			err = atLeast(n, count)
		}
		return err
	})
}

// Members that join and leave while records flow, in good order, by a kill, and those that
// are no agents, in groups that rebalance by and by and in ones that stop for it: nothing is
// missing, and committed offsets never go back.
func TestMembersWhileRecordsFlow(t *testing.T) {
	k, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for _, strategy := range []string{"cooperative-sticky", "range"} {
			t.Run(strategy, func(t *testing.T) {
				topic := uniqueName(t)
				k.CreateTopic(t, topic, 6)
				f := startTraffic(t, k, l, topic, 1500)
				line := "rdkafka.partition.assignment.strategy " + strategy
				stays := groupAgent(t, host, k, f, line)
				f.host = stays
				f.flows(t, k)
				for round := range 3 {
					joins := groupAgent(t, host, k, f, line)
					joins.WaitLog(t, `partitions assigned.*partitions=\S+\[`, time.Minute)
					assigned, leave := member(t, k, topic, topic, strategy)
					waitAssigned(t, assigned)
					moreFlow(t, f)
					if round == 1 {
						joins.Kill()
					} else {
						stop(t, joins)
					}
					leave()
					moreFlow(t, f)
				}
				f.judge(t, k)
				stop(t, stays)
				checkCommitted(t, k, topic, topic)
				if found := regexp.MustCompile(`\[error\].*`).FindString(stays.Log()); found != "" {
					t.Error(found)
				}
				t.Logf("the agent that stays was assigned partitions %d times", strings.Count(stays.Log(), "partitions assigned"))
			})
		}
	})
}

// moreFlow waits until a good number of records more have arrived than now.
func moreFlow(t *testing.T, f *traffic) {
	t.Helper()
	n, err := f.Len()
	if err != nil {
		t.Fatal(err)
	}
	waitFlow(t, f, n+1000)
}
