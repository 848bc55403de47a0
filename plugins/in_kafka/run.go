package inkafka

import (
	"time"

	"github.com/tidegate/tidegate/common/delivery"
)

const (
	// A client that broke is replaced after rejoinLeast, and later if its
	// replacement breaks as well: two members with one group_instance_id take
	// turns in throwing each other out.
	rejoinLeast = time.Second
	rejoinMost  = 30 * time.Second
	// steadyAfter is how long a client has to last for the next wait to be short
	// again.
	steadyAfter = 2 * time.Minute
)

// run reads with one client after the other, until the input stops.
func (in *Input) run(cl *client) {
	wait := rejoinLeast
	for {
		start := time.Now()
		in.reader.run(cl)
		if in.reader.stopping() {
			in.finish(cl)
			return
		}
		in.counts.clients.Inc()
		in.log.Error("the Kafka client is broken, a new one takes its place; what was not committed is read again", "err", in.reader.broken, "in", wait)
		in.reader.abandon()
		cl.close()
		if time.Since(start) > steadyAfter {
			wait = rejoinLeast
		}
		in.reader.wait(wait)
		wait = min(2*wait, rejoinMost)
		if cl = in.reopen(); cl == nil {
			return
		}
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
		in.reader.wait(rejoinMost)
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
	for _, p := range gone {
		r.pace.remove(p)
		r.ledger.Revoke(p)
	}
}
