package e2e_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/test/harness"
)

// flow writes numbered lines to files, and the same as messages to a topic, in small steps
// until it is stopped: a load in whose middle things happen.
type flow struct {
	files    []string
	producer *kafka.Producer
	topic    string

	count   int // numbers so far
	refused int // messages that Kafka did not take
	err     error
	stop    chan struct{}
	done    sync.WaitGroup
}

const (
	flowStep  = 5 * time.Millisecond
	flowLines = 10 // in each step, to each target
)

func startFlow(t *testing.T, k *harness.Kafka, topic string, files ...string) *flow {
	t.Helper()
	producer, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": k.Brokers(), "acks": "all"})
	if err != nil {
		t.Fatal(err)
	}
	f := &flow{files: files, producer: producer, topic: topic, stop: make(chan struct{})}
	f.done.Go(func() { f.err = f.run() })
	t.Cleanup(func() { f.end() })
	return f
}

func (f *flow) run() error {
	var open []*os.File
	for _, path := range f.files {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			return err
		}
		defer file.Close()
		open = append(open, file)
	}
	var reports sync.WaitGroup
	reports.Go(func() {
		for event := range f.producer.Events() {
			if m, is := event.(*kafka.Message); is && m.TopicPartition.Error != nil {
				f.refused++
			}
		}
	})
	defer reports.Wait()
	defer f.producer.Close()
	tick := time.NewTicker(flowStep)
	defer tick.Stop()
	for {
		select {
		case <-f.stop:
			if left := f.producer.Flush(10_000); left > 0 {
				return fmt.Errorf("%d messages have no report", left)
			}
			return nil
		case <-tick.C:
			if err := f.step(open); err != nil {
				return err
			}
		}
	}
}

func (f *flow) step(open []*os.File) error {
	var lines []byte
	for range flowLines {
		line := fmt.Appendf(nil, "n=%d of a load that goes on and on while the agent is told to begin anew", f.count)
		lines = append(append(lines, line...), '\n')
		err := f.producer.Produce(&kafka.Message{
			TopicPartition: kafka.TopicPartition{Topic: &f.topic, Partition: kafka.PartitionAny}, Value: line,
		}, nil)
		if err != nil {
			return err
		}
		f.count++
	}
	for _, file := range open {
		if _, err := file.Write(lines); err != nil {
			return err
		}
	}
	return nil
}

// end stops the load. Everything is written and acknowledged when it returns.
func (f *flow) end() {
	select {
	case <-f.stop:
	default:
		close(f.stop)
	}
	f.done.Wait()
}

// total ends the load and gives how many numbers were written to each target.
func (f *flow) total(t *testing.T) int {
	t.Helper()
	f.end()
	if f.err != nil || f.refused > 0 {
		t.Fatalf("writing the load: %v, %d messages refused", f.err, f.refused)
	}
	return f.count
}

// numberOfFlow is where a line of the load has its number.
var numberOfFlow = regexp.MustCompile(`n=(\d+) of a load`)

// numbersOfFlow counts the numbers in what records became.
func numbersOfFlow(t *testing.T, count int, records []string) numbers {
	t.Helper()
	got := make(numbers, count)
	for _, record := range records {
		found := numberOfFlow.FindStringSubmatch(record)
		if found == nil {
			t.Fatalf("unexpected record %q", record)
		}
		n, err := strconv.Atoi(found[1])
		if err != nil || n >= count {
			t.Fatalf("no number of this load in %q", record)
		}
		got[n]++
	}
	return got
}
