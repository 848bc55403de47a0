package outlogtide

// tally is what one flush settled. It becomes part of the counters and of the
// log at the end of the flush, also where the chunk has to wait: what is
// settled is not done again.
type tally struct {
	// delivered counts records that the server stored.
	delivered int64
	rejected  [numReasons]rejection
}

// rejection is what was rejected for one reason, and one example of why.
type rejection struct {
	records int64
	example example
}

// example is what an operator gets to see of a rejection: never the record.
type example struct {
	status int
	text   string
}

// reject counts n records as rejected. The first example of a flush is kept.
func (t *tally) reject(why reason, n int, ex example) {
	r := &t.rejected[why]
	if r.records == 0 {
		r.example = ex
	}
	r.records += int64(n)
}
