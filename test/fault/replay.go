package fault

import "time"

// Replay is a span of time in which the partitions of a topic were written at rates of
// their own: partition p got p+1 of each Round records. Whoever reads them in pieces of the
// same size is soon hours ahead in one and behind in another.
type Replay struct {
	Partitions int
	Rounds     int // how often each partition got its share
	Begin      time.Time
	Lasts      time.Duration
}

// Round is how many records one is.
func (r *Replay) Round() int { return r.Partitions * (r.Partitions + 1) / 2 }

// Records is how many there are.
func (r *Replay) Records() int { return r.Rounds * r.Round() }

// Place is for a KafkaSource: in each partition the times go evenly from the begin to the
// end.
func (r *Replay) Place(n int) (partition int32, at time.Time) {
	round, in, share := n/r.Round(), n%r.Round(), 1
	for in >= share {
		in -= share
		share++
	}
	nth, of := round*share+in, r.Rounds*share
	return int32(share - 1), r.Begin.Add(time.Duration(float64(r.Lasts) * float64(nth) / float64(of)))
}
