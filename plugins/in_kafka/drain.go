package inkafka

import (
	"context"
	"log/slog"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// drain moves what librdkafka has into batches.
func (r *reader) drain() {
	before := r.youngest
	r.client.queue.Drain(drainFor, r.drained)
	defer r.drained.Release()
	var m rdkafka.Message
	for i := range r.drained.Len() {
		r.drained.Message(i, &m)
		switch m.Err {
		case kafka.ErrNoError:
			if !r.add(&m, before) {
				return // a later one of its partition would pass it
			}
		case kafka.ErrPartitionEOF:
			r.ended(&m, before)
		case kafka.ErrAutoOffsetReset:
			r.refused(&m)
		default:
			r.events.handle(kafka.NewError(m.Err, string(m.Value), false))
		}
	}
}

// refused takes the client's word that the brokers refuse an offset. What a pause
// threw away of what the client had fetched before it was not read either.
func (r *reader) refused(m *rdkafka.Message) {
	a := r.ledger.Assigned(m.Topic, m.Partition)
	if a == nil {
		return
	}
	offset := m.Offset
	if next := r.pace.lane(a).next; next > 0 {
		offset = min(offset, next)
	}
	r.start.refused(a.Partition, offset, string(m.Value))
}

// ended takes the client's word that a partition ends at an offset.
func (r *reader) ended(m *rdkafka.Message, before uint32) {
	a := r.ledger.Assigned(m.Topic, m.Partition)
	if a == nil || a.Number > before {
		return
	}
	r.pace.ended(a.Partition)
	r.end.at(a.Partition, m.Offset)
	l := r.pace.lane(a)
	if l.next >= m.Offset {
		return
	}
	// The last offsets of a transaction are no messages. They are passed, behind
	// what is held, or the group would lag behind them for ever.
	l.next = m.Offset
	if n := len(l.held); n > 0 {
		l.held[n-1].Pass(a, m.Offset)
		return
	}
	r.batchFor(a.Partition).Pass(a, m.Offset)
}

// add encodes a message that was drained when before was the youngest
// assignment. It comes back once the message has a place or needs none, or with
// false when the reading ends before: then it is not to be passed.
func (r *reader) add(m *rdkafka.Message, before uint32) bool {
	for {
		a := r.ledger.Assigned(m.Topic, m.Partition)
		if a == nil || a.Number > before {
			// Revoked since it was fetched, and perhaps assigned again: who has it
			// now reads it anew.
			return true
		}
		if !r.end.admits(a.Partition, m.Offset) {
			return true
		}
		b := r.batchFor(a.Partition)
		start := len(b.Events)
		var out outcome
		b.Events, out = r.encoder.append(b.Events, m, a.Number)
		if out.verdict != unavailable && (out.verdict != deadLetter || r.letters.send(m, a, &out)) {
			r.count(m, &out, len(b.Events)-start)
			r.place(b, start, a, m, &out)
			return true
		}
		r.handOverAll() // what comes before it waits for nobody
		r.health.blocked.Store(max(m.Timestamp, 1))
		r.wait(idlePoll)
		r.serve()
		if r.stopping() || r.broken != nil {
			return false
		}
	}
}

// place puts what became of a message, with the event behind start if there is
// one, where it belongs.
func (r *reader) place(b *delivery.Batch, start int, a *delivery.Assignment, m *rdkafka.Message, out *outcome) {
	l := r.pace.lane(a)
	l.next = m.Offset + 1
	if out.verdict == emitted {
		r.pace.tick(l, out.time)
	}
	held := r.pace.early(l)
	if held {
		later := r.pace.hold(l, func() *delivery.Batch { return r.ledger.Batch(b.Tag) })
		later.Events = append(later.Events, b.Events[start:]...)
		l.bytes += len(b.Events) - start
		b.Events = b.Events[:start]
		b = later
	}
	switch out.verdict {
	case emitted:
		b.Emit(a, m.Offset, l.clock)
	case deadLetter:
		b.EmitDeadLetter(a, m.Offset, l.clock)
	default:
		b.Pass(a, m.Offset+1)
	}
	if len(b.Events) >= batchBytes && !held {
		r.filling.take(b)
		r.handOver(b)
	}
}

// count counts a message.
func (r *reader) count(m *rdkafka.Message, out *outcome, bytes int) {
	if bytes > 0 {
		r.counts.read(m.Topic, bytes)
	}
	switch {
	case out.problem != noProblem:
		r.problem(m, out)
	case out.verdict == skipped:
		r.counts.tombstones.Inc()
		if n, due := r.tombstones.Add(time.Now(), 1); due {
			r.log.Info("tombstones skipped: messages with a null value", "messages", n, "topic", m.Topic)
		}
	}
}

// problem counts what is wrong with a message, and shows one now and then.
func (r *reader) problem(m *rdkafka.Message, out *outcome) {
	r.counts.problems[out.problem-1].Inc()
	n, due := r.problems[out.problem].Add(time.Now(), 1)
	if !due {
		return
	}
	level, what := slog.LevelWarn, "kept as text"
	switch out.verdict {
	case skipped:
		level, what = slog.LevelError, "dropped"
	case deadLetter:
		what = "sent to dead_letter_topic"
	}
	if out.problem == noTime {
		what = "kept, with Kafka's time"
	}
	r.log.Log(context.Background(), level, "bad messages are "+what, "reason", out.problem, "messages", n,
		"err", out.reason, "topic", m.Topic, "partition", m.Partition, "offset", m.Offset)
}
