package delivery

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
	"time"
)

// Output is an output instance in the registry.
type Output struct {
	registry     *Registry
	plugin, name string
	chunks       sync.Pool

	mu    sync.Mutex
	open  int       // chunks between Start and their end
	ended time.Time // the last of them
	// strangers is the last time that one had records without an origin.
	strangers time.Time
	// retried are the chunks that were answered RETRY, so that the agent has
	// them, and those between their Turn and their Start.
	retried []retried
	// givenUp are records whose drop was asked for.
	givenUp int64
}

// retried is a chunk that waits in the agent for its next flush.
type retried struct {
	key      uint64
	records  int64
	attempts int
	at       time.Time // of the answer
	runs     *Runs
	// strangers says that some of its records have no origin.
	strangers bool
}

// maxRetried bounds them. The agent has at most 2,048 tasks.
const maxRetried = 4096

var seed = maphash.MakeSeed()

// key stands for a chunk: the same bytes come again for a retry.
func (c *Chunk) key() uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	_, _ = h.WriteString(c.tag)
	maphash.WriteComparable(&h, [2]int{c.size, c.records})
	for _, r := range c.runs.runs {
		maphash.WriteComparable(&h, [2]int64{r.first, r.last})
		maphash.WriteComparable(&h, c.runs.origins[r.origin].Origin)
	}
	return h.Sum64()
}

// begin opens a chunk. It returns how often it was answered RETRY.
func (o *Output) begin(key uint64) (attempts int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open++
	if i := slices.IndexFunc(o.retried, func(r retried) bool { return r.key == key }); i >= 0 {
		attempts = o.retried[i].attempts
		o.retried = slices.Delete(o.retried, i, i+1)
	}
	return attempts
}

// end closes a chunk.
func (o *Output) end(now time.Time, strangers bool) {
	o.open--
	o.ended = now
	if strangers {
		o.strangers = now
	}
}

// idle returns whether the output has had no chunk since then. A chunk that was
// retried before retries, the agent has dropped without a word.
func (o *Output) idle(since, retries time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	waits := slices.ContainsFunc(o.retried, func(r retried) bool { return r.at.After(retries) })
	return o.open == 0 && !waits && !o.ended.After(since)
}

func (o *Output) enter(r *Runs, what report) {
	what.output = o.name
	for _, l := range *o.registry.ledgers.Load() {
		l.enter(r, &what)
	}
}

// Dropped enters by how much the agent's counters of this output moved: the
// records it dropped, for all reasons, and the chunks whose retries ran out. The
// chunks that make up both numbers are lost. Where none do, as for chunks that a
// storage limit evicted, all that may be lost is taken as lost: what was
// delivered is not sent again.
func (o *Output) Dropped(records, failed int64, now time.Time) {
	o.mu.Lock()
	expected := min(records, o.givenUp)
	o.givenUp -= expected
	records -= expected
	if records == 0 {
		o.mu.Unlock()
		return
	}
	gone, sure := o.dropLocked(records, failed)
	o.mu.Unlock()
	for i := range gone {
		o.enter(gone[i].runs, report{fate: lost, now: now})
		// Whose its strangers are nobody knows: a filter may have taken their
		// origin from them.
		sure = sure && !gone[i].strangers
	}
	if !sure {
		for _, l := range *o.registry.ledgers.Load() {
			l.doubtUnseen(o.name)
		}
	}
}

// dropLocked takes the chunks out that were dropped, and returns whether it is
// sure that it is these.
func (o *Output) dropLocked(records, failed int64) (gone []retried, sure bool) {
	// The agent drops those that were tried most often.
	slices.SortStableFunc(o.retried, func(a, b retried) int { return cmp.Compare(b.attempts, a.attempts) })
	from, to := 0, len(o.retried)
	switch {
	case failed == 1:
		i := slices.IndexFunc(o.retried, func(r retried) bool { return r.records == records })
		if sure = i >= 0; sure {
			from, to = i, i+1
		}
	case failed > 1 && failed <= int64(len(o.retried)):
		sum := int64(0)
		for i := range o.retried[:failed] {
			sum += o.retried[i].records
		}
		if sure = sum == records; sure {
			to = int(failed)
		}
	}
	gone = slices.Clone(o.retried[from:to])
	o.retried = slices.Delete(o.retried, from, to)
	return gone, sure
}

// doubtUnseen suspects what an output neither has nor is sending.
func (l *Ledger) doubtUnseen(output string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := slices.Index(l.outputs, output)
	if o < 0 {
		return
	}
	for _, b := range l.batches {
		if b.appends > 0 && b.at[o].done+b.at[o].waiting < b.tracked {
			b.doubt(Dropped)
		}
	}
}
