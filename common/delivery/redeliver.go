package delivery

import "time"

// Reason is why a batch is appended again.
type Reason int

// The reasons.
const (
	// Dropped: the agent gave a chunk up.
	Dropped Reason = iota + 1
	// NotTaken: it was appended, and the agent made no chunk of it.
	NotTaken
	// Overdue: nothing was heard of it for too long. That nothing else noticed
	// is worth a line in the log.
	Overdue
	numReasons
)

// Reasons are the names of reasons, as labels of a metric; the first is empty.
var Reasons = [numReasons]string{"", "dropped", "not_taken", "overdue"}

func (r Reason) String() string { return Reasons[r] }

// Text says it to an operator.
func (r Reason) Text() string {
	switch r {
	case Dropped:
		return "the agent gave up chunks of an output: its retries ran out, or a storage limit"
	case NotTaken:
		return "the agent took records into its input buffer, and made no chunk of them"
	default:
		return "no output has heard of them for hours, and no counter of the agent shows why"
	}
}

// Redelivery is a batch to append again.
type Redelivery struct {
	*Batch
	Why Reason
}

// Redeliver finishes what was filtered, and appends to dst what has to be
// appended again. The batches are the caller's until Appended. It is called
// about once a second.
func (l *Ledger) Redeliver(dst []Redelivery, now time.Time) []Redelivery {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settleLocked(now)
	l.expireGhostsLocked(now)
	l.spare.trim(now)
	for _, b := range l.batches {
		if b.suspect == 0 || b.held || now.Sub(b.appendedAt) < l.options.Again {
			continue
		}
		if b.appends == 0 {
			// Dead letters only: nothing to append, and somebody waits for them.
			b.suspect = 0
			continue
		}
		dst = append(dst, Redelivery{b, b.suspect})
		l.stats.Redelivered[b.suspect]++
		b.held, b.suspect = true, 0
		if !b.again {
			b.again = true
			l.copies.Add(1)
		}
		for _, s := range b.segments {
			s.owner.copied = max(s.owner.copied, s.next)
		}
	}
	return dst
}
