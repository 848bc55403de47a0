package deadletter

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// fakeClient is a producer whose broker is answer: the error of a message's
// report, or noReport.
type fakeClient struct {
	answer func(m *kafka.Message) error
	events chan kafka.Event
	got    []*kafka.Message // that the broker has
	closed bool

	refreshes int // asked for
}

var errNoReport = errors.New("no report comes")

func (f *fakeClient) Produce(m *kafka.Message, reports chan kafka.Event) error {
	if f.closed {
		panic("produced with a closed client")
	}
	err := f.answer(m)
	if errors.Is(err, errNoReport) {
		return nil
	}
	report := *m
	report.TopicPartition.Error = err
	if err == nil {
		f.got = append(f.got, m)
	}
	reports <- &report
	return nil
}

func (f *fakeClient) Events() chan kafka.Event { return f.events }
func (f *fakeClient) Refresh()                 { f.refreshes++ }
func (f *fakeClient) Close()                   { f.closed = true }

func newFake(answer func(m *kafka.Message) error) *fakeClient {
	return &fakeClient{answer: answer, events: make(chan kafka.Event, 10)}
}

func kafkaError(code kafka.ErrorCode) error { return kafka.NewError(code, code.String(), false) }

// testTopic runs a test in a bubble, with clients that are dialled in order.
func testTopic(t *testing.T, test func(t *testing.T, a *agent, topic *Topic), clients ...*fakeClient) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		for _, c := range clients {
			c.events = make(chan kafka.Event, 10) // of this bubble
		}
		a := newAgent()
		dialled := 0
		topic, err := newTopic(a.owner(t), "dead", Cluster{}, func() (client, error) {
			if dialled++; dialled > len(clients) {
				return nil, errors.New("no more clients")
			}
			return clients[dialled-1], nil
		})
		if err != nil {
			t.Fatal(err)
		}
		test(t, a, topic)
		topic.Close(time.Now())
		a.running.Wait()
		for i, c := range clients {
			if i < dialled && !c.closed {
				t.Errorf("client %d was not closed", i)
			}
		}
	})
}
