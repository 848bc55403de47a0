package inkafka

import (
	"errors"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/delivery"
)

const (
	// A client that broke is replaced after rejoinLeast, and later if its
	// replacement breaks as well.
	rejoinLeast = time.Second
	rejoinMost  = 5 * time.Minute
	// reopenAfter is how soon a client is tried again that could not be made.
	reopenAfter = 10 * time.Second
	// steadyAfter is how long a client has to last for the next wait to be short
	// again.
	steadyAfter = 10 * time.Minute
)

// fencedLeast is how long a client that was fenced waits for its next one: longer
// than the session's timeout, by when the brokers have forgotten a member that
// took over and is gone. Two that live and have one group_instance_id go on
// throwing each other out, ever more rarely.
func fencedLeast(sessionTimeout time.Duration) time.Duration {
	return sessionTimeout + sessionTimeout/3
}

// run reads with one client after the other, until the input stops.
func (in *Input) run(cl *client) {
	wait := rejoinLeast
	for cl != nil {
		start := time.Now()
		in.reader.run(cl)
		if in.reader.stopping() {
			in.finish(cl)
			return
		}
		if time.Since(start) > steadyAfter {
			wait = rejoinLeast
		}
		var broken kafka.Error
		if errors.As(in.reader.broken, &broken) && broken.Code() == kafka.ErrFencedInstanceID {
			wait = max(wait, fencedLeast(in.config.group.sessionTimeout))
		}
		in.counts.clients.Inc()
		in.log.Error("the Kafka client is broken, a new one takes its place; what was not committed is read again", "err", in.reader.broken, "in", wait)
		in.reader.abandon()
		cl.drop()
		in.reader.wait(wait)
		wait = min(2*wait, rejoinMost)
		cl = in.reopen()
	}
}

// reopen makes a new client, nil if the input stops before.
func (in *Input) reopen() *client {
	for !in.reader.stopping() {
		cl, err := in.config.open(in.host)
		if err == nil {
			if err = in.join(cl); err == nil {
				return cl
			}
			cl.close()
		}
		in.log.Error("no new Kafka client yet", "err", err)
		in.reader.wait(reopenAfter)
	}
	return nil
}

// finish commits for the last time. The outputs have ended by now, so the
// ledger knows all that they delivered.
func (in *Input) finish(cl *client) {
	if n := in.reader.letters.close(); n > 0 {
		in.log.Warn("dead letters that no broker has confirmed; their messages are read again after the next start", "letters", n)
	}
	now := time.Now()
	in.taken.look(now)
	in.ledger.Redeliver(nil, now)
	in.reader.storeOffsets(in.ledger.AtExit(nil))
	cl.close()
}

// abandon gives every partition up, without a commit: the group has.
func (r *reader) abandon() {
	r.filling.forget()
	var gone []delivery.Partition
	for p := range r.pace.lanes {
		gone = append(gone, p)
	}
	r.start.revoke(topicPartitions(gone, kafka.OffsetInvalid))
	for _, p := range gone {
		r.leave(p)
	}
}

// leave forgets a partition that goes. It returns the offset that may still be
// committed, if it moved.
func (r *reader) leave(p partition) (next int64, moved bool) {
	r.pace.remove(p)
	r.commits.revoked(p)
	r.counts.partitions.revoked(p.Topic, p.ID)
	return r.ledger.Revoke(p)
}
