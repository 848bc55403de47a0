package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

// timed are numbered records with Kafka timestamps of their own, a step apart, over the
// partitions of a topic in turn.
type timed struct {
	first, count int
	partitions   int
	at           time.Time // of the first; zero for now
	step         time.Duration
	transaction  bool // in one, whose marker takes the offset behind each partition's last
}

func (r timed) produce(t *testing.T, k *harness.Kafka, topic string) {
	t.Helper()
	config := kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "log_level": 0}
	if r.transaction {
		config["transactional.id"] = topic
	}
	p, err := kafka.NewProducer(&config)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if r.transaction {
		must(p.InitTransactions(ctx))
		must(p.BeginTransaction())
	}
	reports := make(chan kafka.Event, r.count)
	for n := r.first; n < r.first+r.count; n++ {
		m := kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: int32(n % r.partitions)},
			Value:          fmt.Appendf(nil, `{"n":%d}`, n),
		}
		if !r.at.IsZero() {
			m.Timestamp = r.at.Add(time.Duration(n-r.first) * r.step)
		}
		must(p.Produce(&m, reports))
	}
	for range r.count {
		must((<-reports).(*kafka.Message).TopicPartition.Error)
	}
	if r.transaction {
		must(p.CommitTransaction(ctx))
	}
}

// reading is a host that writes what it reads into a file.
type reading struct {
	*harness.Host
	path string
}

func startReading(t *testing.T, host harness.HostBinary, k *harness.Kafka, topics, group string, further ...string) reading {
	t.Helper()
	return readingFrom(t, host, nil, k.Brokers(), topics, group, further...)
}

func readingWith(t *testing.T, host harness.HostBinary, env map[string]string, k *harness.Kafka, topics, group string, further ...string) reading {
	t.Helper()
	return readingFrom(t, host, env, k.Brokers(), topics, group, further...)
}

func readingFrom(t *testing.T, host harness.HostBinary, env map[string]string, brokers, topics, group string, further ...string) reading {
	t.Helper()
	dir := t.TempDir()
	if !slices.ContainsFunc(further, func(line string) bool { return strings.HasPrefix(line, "commit ") }) {
		further = append([]string{"commit appended"}, further...)
	}
	h := harness.StartHost(t, host, harness.HostConfig{Env: env, Pipeline: fmt.Sprintf(`
[INPUT]
    Name      tidegate_kafka
    brokers   %s
    topics    %s
    group_id  %s
    %s
[OUTPUT]
    Name      file
    Match     *
    Path      %s
    File      records
`, brokers, topics, group, strings.Join(further, "\n    "), dir)})
	return reading{h, filepath.Join(dir, "records")}
}

// counts is how often each number has come.
func (r reading) counts(t *testing.T) map[int]int {
	t.Helper()
	text, err := os.ReadFile(r.path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	counts := map[int]int{}
	for _, found := range numberInRecord.FindAllSubmatch(text, -1) {
		n, err := strconv.Atoi(string(found[1]))
		if err != nil {
			t.Fatal(err)
		}
		counts[n]++
	}
	return counts
}

// wantFrom demands that all numbers from first up to end are there, each once, and no
// others. The last ones tell that nothing else is on its way: they were produced last.
func (r reading) wantFrom(t *testing.T, first, end int) {
	t.Helper()
	harness.Eventually(t, time.Minute, fmt.Sprintf("records %d to %d", first, end-1), func() error {
		counts := r.counts(t)
		for n := first; n < end; n++ {
			if counts[n] == 0 {
				err := fmt.Errorf("%d is missing, %d are there", n, len(counts))
				if r.Exited() {
					err = harness.Hopeless{Err: err}
				}
				return err
			}
		}
		return nil
	})
	for n, times := range r.counts(t) {
		if n < first || n >= end || times > 1 {
			t.Errorf("record %d is there %d times, want those from %d to %d once", n, times, first, end-1)
		}
	}
}

func atLeast(got, want int) error {
	if got < want {
		return fmt.Errorf("%d of %d records are there", got, want)
	}
	return nil
}

// admin is a client for what the harness does not do to a cluster.
func admin(t *testing.T, k *harness.Kafka) *kafka.AdminClient {
	t.Helper()
	a, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "log_level": 0})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// commitOffsets sets offsets of a group without members.
func commitOffsets(t *testing.T, k *harness.Kafka, group, topic string, offsets harness.Offsets) {
	t.Helper()
	asked := kafka.ConsumerGroupTopicPartitions{Group: group}
	for p, offset := range offsets {
		asked.Partitions = append(asked.Partitions, kafka.TopicPartition{Topic: &topic, Partition: p, Offset: kafka.Offset(offset)})
	}
	a := admin(t, k)
	harness.Eventually(t, time.Minute, "offsets of group "+group, func() error {
		answer, err := a.AlterConsumerGroupOffsets(t.Context(), []kafka.ConsumerGroupTopicPartitions{asked})
		if err != nil {
			return err
		}
		for _, p := range answer.ConsumerGroupsTopicPartitions[0].Partitions {
			if p.Error != nil {
				return p.Error
			}
		}
		return nil
	})
}

// waitAllCommitted returns when a group has committed up to the ends of a topic.
func waitAllCommitted(t *testing.T, k *harness.Kafka, group, topic string) {
	t.Helper()
	ends := k.EndOffsets(t, topic)
	harness.Eventually(t, time.Minute, "commits of group "+group, func() error {
		committed := k.CommittedOffsets(t, group, topic)
		for p, end := range ends {
			if committed[p] != end {
				return fmt.Errorf("partition %d: committed %d, end %d", p, committed[p], end)
			}
		}
		return nil
	})
}

// member is another consumer of a group, which commits nothing. It polls until leave.
func member(t *testing.T, k *harness.Kafka, topic, group, strategy string) (assigned chan int, leave func()) {
	t.Helper()
	return memberWith(t, k, topic, kafka.ConfigMap{"group.id": group, "partition.assignment.strategy": strategy})
}

func memberWith(t *testing.T, k *harness.Kafka, topic string, config kafka.ConfigMap) (assigned chan int, leave func()) {
	t.Helper()
	config["bootstrap.servers"], config["enable.auto.commit"], config["log_level"] = k.Brokers(), false, 0
	c, err := kafka.NewConsumer(&config)
	if err != nil {
		t.Fatal(err)
	}
	assigned = make(chan int, 100)
	err = c.Subscribe(topic, func(_ *kafka.Consumer, ev kafka.Event) error {
		if ev, ok := ev.(kafka.AssignedPartitions); ok {
			assigned <- len(ev.Partitions)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-over:
				return
			default:
				c.Poll(50)
			}
		}
	}()
	left := false
	leave = func() {
		if !left {
			left = true
			close(over)
			<-ended
			_ = c.Close()
		}
	}
	t.Cleanup(leave)
	return assigned, leave
}

// waitAssigned waits for an assignment of a member.
func waitAssigned(t *testing.T, assigned chan int) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		select {
		case n := <-assigned:
			if n > 0 {
				return
			}
		case <-deadline:
			t.Fatal("the other member got no partition")
		}
	}
}
