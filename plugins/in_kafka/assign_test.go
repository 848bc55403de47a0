package inkafka

import (
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// fakeAssignment is a client of one of the two protocols.
type fakeAssignment struct {
	protocol  string
	positions map[partition]kafka.Offset
	calls     []string
}

func (f *fakeAssignment) GetRebalanceProtocol() string { return f.protocol }

func (f *fakeAssignment) call(name string, list []kafka.TopicPartition) error {
	text := name
	for _, tp := range []partition{t0, t1, t2} {
		for _, got := range list {
			if (partition{Topic: *got.Topic, ID: got.Partition}) == tp {
				text += " " + got.String()
			}
		}
	}
	f.calls = append(f.calls, text)
	return nil
}

func (f *fakeAssignment) Assign(l []kafka.TopicPartition) error { return f.call("assign", l) }
func (f *fakeAssignment) IncrementalAssign(l []kafka.TopicPartition) error {
	return f.call("add", l)
}
func (f *fakeAssignment) IncrementalUnassign(l []kafka.TopicPartition) error {
	return f.call("remove", l)
}

func (f *fakeAssignment) Unassign() error { return f.call("remove all", nil) }
func (f *fakeAssignment) Assignment() ([]kafka.TopicPartition, error) {
	return nil, f.call("wait", nil)
}

func (f *fakeAssignment) Position(list []kafka.TopicPartition) ([]kafka.TopicPartition, error) {
	for i, tp := range list {
		offset, ok := f.positions[partitionOf(tp)]
		if !ok {
			offset = kafka.OffsetInvalid
		}
		list[i].Offset = offset
	}
	return list, nil
}

func TestReassign(t *testing.T) {
	assigned := map[partition]kafka.Offset{t0: 1, t1: 2, t2: 3}
	move := topicPartitions([]partition{t1}, 50)
	for protocol, want := range map[string]string{
		"COOPERATIVE": "remove t[1]@50; wait; forward t[1]@50; add t[1]@50",
		"EAGER":       "remove all; wait; forward t[0]@9 t[1]@50 t[2]@3; assign t[0]@9 t[1]@50 t[2]@3",
	} {
		f := &fakeAssignment{protocol: protocol, positions: map[partition]kafka.Offset{t0: 9, t1: 20}}
		if err := reassign(f, move, assigned, func(l []kafka.TopicPartition) { _ = f.call("forward", l) }); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(f.calls, "; "); got != want {
			t.Errorf("%s: %q, want %q", protocol, got, want)
		}
	}
}
