package outkafka

import (
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// TestReports: what becomes of a record by what the broker says of it, first
// in a batch and then alone.
func TestReports(t *testing.T) {
	f := func(code kafka.ErrorCode, batched, alone state, why reason) {
		t.Helper()
		for _, c := range []struct {
			alone bool
			want  state
		}{{false, batched}, {true, alone}} {
			fl := &flight{states: make([]state, 1)}
			fl.open()
			fl.session = &session{alone: c.alone}
			fl.launch(0)
			d := sending{flight: fl}
			name := "t"
			m := &kafka.Message{Opaque: &fl.states[0], TopicPartition: kafka.TopicPartition{Topic: &name}}
			if code != kafka.ErrNoError {
				m.TopicPartition.Error = kafka.NewError(code, "", false)
			}
			fl.reports <- m
			if !d.settle(t.Context()) {
				t.Fatalf("%v: not settled", code)
			}
			if fl.states[0] != c.want || fl.outstanding != 0 {
				t.Errorf("%v, alone %v: state %d, want %d", code, c.alone, fl.states[0], c.want)
			}
			if n := len(d.rejects); n == 1 != (c.want == rejected) || n > 0 && d.rejects[0].Why != why {
				t.Errorf("%v, alone %v: %v rejected", code, c.alone, d.rejects)
			}
			if waits := d.cause != nil; waits != (c.want == unsent) {
				t.Errorf("%v, alone %v: waits for %v", code, c.alone, d.cause)
			}
		}
	}
	f(kafka.ErrNoError, delivered, delivered, 0)
	f(kafka.ErrMsgSizeTooLarge, doubted, rejected, tooLarge)
	f(kafka.ErrRecordListTooLarge, doubted, rejected, tooLarge)
	f(kafka.ErrInvalidRecord, doubted, rejected, invalidRecord)
	f(kafka.ErrInvalidTimestamp, doubted, rejected, invalidTime)
	for _, code := range []kafka.ErrorCode{
		kafka.ErrMsgTimedOut, kafka.ErrUnknownTopicOrPart, kafka.ErrTopicAuthorizationFailed, kafka.ErrNotEnoughReplicas,
		kafka.ErrInvalidDifferentRecord, kafka.ErrFatal, kafka.ErrPurgeQueue, kafka.ErrUnknown,
	} {
		f(code, unsent, unsent, 0)
	}
}

// TestClosedSession: reports that cannot come any more are not waited for, and
// those that came count.
func TestClosedSession(t *testing.T) {
	fl := &flight{states: make([]state, 2)}
	fl.open()
	fl.session = &session{closed: make(chan struct{})}
	fl.launch(0)
	fl.launch(1)
	fl.reports <- &kafka.Message{Opaque: &fl.states[1]}
	close(fl.session.closed)
	d := sending{flight: fl}
	if !d.settle(t.Context()) || fl.states[0] != unsent || fl.states[1] != delivered || fl.outstanding != 0 {
		t.Errorf("states %v, %d outstanding", fl.states, fl.outstanding)
	}
}
