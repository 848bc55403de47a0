package outkafka

import (
	"context"
	"errors"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/reasons"
)

// sending is one flush of a flight.
type sending struct {
	out    *Output
	flight *flight
	acks   *delivery.Chunk
	tag    string
	data   []byte
	// settled is what became of records in this flush; the flight knows them in
	// the next.
	settled settled
	// rejects are those of this flush.
	rejects []office.Rejected[reason]
	// cause is the first error that makes this chunk wait, topic the one that
	// it is about, if it is about one.
	cause error
	topic string

	// watched is the session whose reports the flush waits for, before how many
	// there were when it began.
	watched *session
	before  int64
	// glance ends the wait if the session is stalled. It is nil if it was not.
	glance <-chan time.Time
}

// run delivers what is left of the flight, until ctx is done. It reports
// whether every record was delivered or rejected.
func (d *sending) run(ctx context.Context) bool {
	if d.flight.done() {
		return true // an earlier flush was; only dead letters are left
	}
	done := d.goThrough(ctx)
	// A flush that the exit cancelled says nothing of the brokers.
	if !done && d.watched != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		d.watched.progress.timeout(d.before)
	}
	return done
}

func (d *sending) goThrough(ctx context.Context) bool {
	d.flight.open()
	// What an earlier flush left under way first. Then all that is
	// outstanding belongs to one session at any time.
	return d.settle(ctx) &&
		d.send(ctx, d.out.batched, unsent) && d.settle(ctx) &&
		(d.flight.count(doubted) == 0 || d.send(ctx, d.out.alone, doubted) && d.settle(ctx)) &&
		d.flight.done()
}

// settle waits until nothing is outstanding. It returns false if ctx was done
// before, or if there is no use in waiting.
func (d *sending) settle(ctx context.Context) bool {
	f := d.flight
	if f.outstanding > 0 {
		d.watch(f.session)
	}
	for f.outstanding > 0 {
		select {
		case event := <-f.reports:
			d.note(event)
		case <-f.session.closed:
			d.drain()
			f.abandon()
		case <-ctx.Done():
			d.drain()
			if f.outstanding > 0 {
				return false
			}
		case <-d.glance:
			d.drain()
			if f.outstanding > 0 && !d.goOn() {
				return false
			}
		}
	}
	return true
}

// drain takes the reports that are there.
func (d *sending) drain() {
	for {
		select {
		case event := <-d.flight.reports:
			d.note(event)
		default:
			return
		}
	}
}

// note takes a report.
func (d *sending) note(event kafka.Event) {
	m, ok := event.(*kafka.Message)
	if !ok {
		return // nothing else comes this way
	}
	d.flight.session.progress.landed.Add(1)
	s := m.Opaque.(*state)
	err := m.TopicPartition.Error
	if err == nil {
		d.flight.land(s, delivered)
		d.settled.delivered++
		return
	}
	why, guilty := blame(err)
	switch {
	case !guilty:
		d.flight.land(s, unsent)
		d.wait(err, topicOf(m))
	case d.flight.session.alone:
		d.flight.land(s, rejected)
		d.reject(d.flight.number(s), why, reasons.Example{Topic: topicOf(m), Text: err.Error()})
	default:
		d.flight.land(s, doubted)
	}
}

func topicOf(m *kafka.Message) string {
	if m.TopicPartition.Topic == nil {
		return ""
	}
	return *m.TopicPartition.Topic
}

// blame returns why a record can never be delivered, for an error that is the
// fault of a record. The broker gives it to each one of a batch.
func blame(err error) (why reason, guilty bool) {
	switch codeOf(err) {
	case kafka.ErrMsgSizeTooLarge, kafka.ErrRecordListTooLarge:
		return tooLarge, true
	case kafka.ErrInvalidRecord:
		return invalidRecord, true
	case kafka.ErrInvalidTimestamp:
		return invalidTime, true
	}
	return 0, false
}

func codeOf(err error) kafka.ErrorCode {
	var kafkaErr kafka.Error
	if errors.As(err, &kafkaErr) {
		return kafkaErr.Code()
	}
	return kafka.ErrUnknown
}

// wait keeps why the chunk has to be retried.
func (d *sending) wait(err error, topic string) {
	if d.cause == nil {
		d.cause, d.topic = err, topic
	}
}

// send produces the records that are in a state. It returns false if there is
// no time or no way to go on.
func (d *sending) send(ctx context.Context, c *client, which state) bool {
	if ctx.Err() != nil {
		return false
	}
	s, err := c.acquire()
	if err != nil {
		d.wait(err, "")
		return false
	}
	defer s.users.Done()
	d.flight.session = s
	d.watch(s)
	e := d.out.encoders.Get().(*encoder)
	defer func() {
		e.reset()
		d.out.encoders.Put(e)
	}()
	all := chunk.NewRecords(d.data)
	for i := 0; all.Next(); i++ {
		if d.flight.states[i] != which {
			continue
		}
		err := all.Err
		if err == nil {
			d.acks.Strip(&all.Event)
			if err = e.encode(d.tag, &all.Event); err == nil {
				if !d.produce(ctx, e, i) {
					return false
				}
				continue
			}
		}
		d.reject(i, unfit(all.Err, err), reasons.Example{Text: err.Error()})
	}
	return true
}

// unfit tells why a record gives no message.
func unfit(reading, encoding error) reason {
	switch {
	case reading != nil:
		return malformed
	case errors.Is(encoding, errNoRawLog):
		return noRawLog
	}
	return unencodable
}

// produce hands the encoder's message, that of record i, to the client. It
// returns false if there is no time or no way to go on.
func (d *sending) produce(ctx context.Context, e *encoder, i int) bool {
	f := d.flight
	e.message.Opaque = &f.states[i]
	for {
		err := f.session.producer.Produce(&e.message, f.reports)
		if err == nil {
			if e.topic.detour != direct && f.states[i] == unsent {
				d.settled.detours.Add(e.topic.detour, 1, reasons.Example{Topic: e.topic.made})
			}
			f.launch(i)
			f.session.progress.produced.Add(1)
			d.settled.bytes += len(e.message.Key) + len(e.message.Value)
			return true
		}
		switch codeOf(err) {
		case kafka.ErrQueueFull:
			if !d.makeRoom(ctx) {
				return false
			}
		case kafka.ErrMsgSizeTooLarge:
			// The client's own limit: there is no doubt whose fault it is.
			d.reject(i, tooLarge, reasons.Example{Topic: e.topic.name, Text: err.Error()})
			return true
		case kafka.ErrFatal:
			d.wait(err, "")
			return false
		default:
			// Such as a topic that does not exist. The others go on.
			d.wait(err, e.topic.name)
			return true
		}
	}
}

// fullFor is how soon a full queue is tried again if no report of this flush
// makes room: it may be another's messages that fill it.
const fullFor = 5 * time.Millisecond

// makeRoom waits until the client's queue may have room. It returns false if
// ctx was done before, or if there is no use in waiting.
func (d *sending) makeRoom(ctx context.Context) bool {
	again := time.NewTimer(fullFor)
	defer again.Stop()
	select {
	case event := <-d.flight.reports:
		d.note(event)
	case <-again.C:
	case <-d.glance:
		return d.goOn()
	case <-ctx.Done():
		return false
	}
	return true
}
