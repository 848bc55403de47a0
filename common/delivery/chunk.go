package delivery

import (
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// Chunk is what one flush of an output says to the ledgers:
//
//	c := output.Chunk(tag, len(data))
//	for each record {
//		if c.Add(&event) {
//			continue // delivered already
//		}
//		…
//	}
//	c.Start(now)
//	… send …
//	c.Done(now) or c.Retry(now), as it is answered
//
// Where a part of a chunk was delivered that is answered RETRY, Delivered says
// so: the agent may drop the rest.
//
// Each Chunk ends with one of Done, GivenUp and Retry, which takes it back; one
// from Queue with Turn or Retry. It is for one goroutine at a time.
type Chunk struct {
	out     *Output
	tag     string
	size    int
	records int
	runs    Runs
	// strangers are records without an origin.
	strangers int
	// inRecord says that origins may be in the records; stripped is the last
	// record without.
	inRecord bool
	stripped []byte

	// wary is set while there may be copies in the agent; event and fresh are
	// for that case only.
	wary  bool
	event Runs
	fresh []int64 // by origin in runs, -1 for not asked yet

	serial   uint64
	attempts int
}

// Chunk starts a chunk of size bytes.
func (o *Output) Chunk(tag string, size int) *Chunk {
	c, ok := o.chunks.Get().(*Chunk)
	if !ok {
		c = &Chunk{out: o}
	}
	c.tag, c.size, c.records, c.strangers = tag, size, 0, 0
	c.runs.Reset()
	c.fresh = c.fresh[:0]
	c.wary, c.inRecord = false, false
	for _, l := range *o.registry.ledgers.Load() {
		c.wary = c.wary || l.copies.Load() > 0
		c.inRecord = c.inRecord || l.options.InRecord
	}
	return c
}

// Pending says that the output has a chunk and asks the agent for it again
// without having tried to send it.
func (o *Output) Pending(tag string, data []byte, now time.Time) { o.Queue(tag, data, now).Retry(now) }

// Queue says that the output has a chunk whose flush waits for its turn: nothing
// of it is taken for filtered meanwhile. Turn ends that, or Retry.
func (o *Output) Queue(tag string, data []byte, now time.Time) *Chunk {
	c := o.Chunk(tag, len(data))
	for all := chunk.NewRecords(data); all.Next(); {
		if all.Err == nil {
			c.Add(&all.Event)
		}
	}
	c.Start(now)
	return c
}

// Turn says that the flush of a chunk from Queue begins: another Chunk follows
// for it, with the same records.
func (c *Chunk) Turn(now time.Time) { c.back(c.attempts, now) }

// Add adds a record. It returns whether the output has delivered it before, or
// has it in this chunk already: then it is not to be sent again. See Strip.
func (c *Chunk) Add(ev *chunk.Event) (delivered bool) {
	c.records++
	n := c.appendOrigins(&c.runs, ev)
	if n == 0 {
		c.strangers++
		return false
	}
	if !c.wary {
		return false
	}
	if n == 1 {
		if c.isFresh() {
			return false
		}
		if c.runs.lastTwice() {
			return true // the copy, behind the record in the same chunk
		}
	}
	// A record that a filter joined counts as delivered if all parts are.
	c.event.Reset()
	c.appendOrigins(&c.event, ev)
	for _, r := range c.event.runs {
		for offset := r.first; offset <= r.last; offset++ {
			if !c.has(&c.event.origins[r.origin].Origin, offset) {
				return false
			}
		}
	}
	return true
}

// isFresh returns whether the last record, of one origin, is younger than all
// copies.
func (c *Chunk) isFresh() bool {
	at := c.runs.last
	for len(c.fresh) <= at {
		c.fresh = append(c.fresh, -1)
	}
	origin := &c.runs.origins[at]
	if c.fresh[at] < 0 {
		c.fresh[at] = 0
		for _, l := range *c.out.registry.ledgers.Load() {
			if l.options.Source == origin.Source {
				c.fresh[at] = max(c.fresh[at], l.fresh(&origin.Origin))
			}
		}
	}
	return c.runs.runs[origin.run].last >= c.fresh[at]
}

func (c *Chunk) has(o *Origin, offset int64) bool {
	for _, l := range *c.out.registry.ledgers.Load() {
		if l.options.Source == o.Source && l.has(o, offset, c.out.name) {
			return true
		}
	}
	return false
}

// Origins returns how many runs of origins the chunk has: none where a filter
// strips the metadata, or the records are of another input.
func (c *Chunk) Origins() int { return c.runs.Len() }

// Start says that the output has the chunk. Until its end, nothing of it is
// taken for filtered.
func (c *Chunk) Start(now time.Time) {
	c.serial = c.out.registry.chunk.Add(1)
	// First the mark, then the end of what held it: never neither.
	c.enter(sending, now)
	c.attempts = c.out.begin(c.key())
}

// Delivered says which records of the chunk, by their numbers in chunk.Records,
// were delivered or rejected, ahead of its end.
func (c *Chunk) Delivered(data []byte, has func(record int) bool, now time.Time) {
	var part Runs
	i := 0
	for all := chunk.NewRecords(data); all.Next(); i++ {
		if all.Err == nil && has(i) {
			c.appendOrigins(&part, &all.Event)
		}
	}
	c.out.enter(&part, report{fate: delivered, tag: c.tag, chunk: c.serial, now: now})
}

// Done says that every record was delivered or rejected.
func (c *Chunk) Done(now time.Time) { c.finish(0, now) }

// GivenUp is Done for a chunk that is answered with ERROR: the agent will count
// it as dropped, and nothing of it is to come again.
func (c *Chunk) GivenUp(now time.Time) { c.finish(int64(c.records), now) }

func (c *Chunk) finish(givenUp int64, now time.Time) {
	c.enter(delivered, now)
	c.out.mu.Lock()
	c.out.givenUp += givenUp
	c.out.end(now, c.strangers > 0)
	c.out.mu.Unlock()
	c.out.chunks.Put(c)
}

// Retry says that the agent is asked to flush the chunk again. It has to come
// before the answer.
func (c *Chunk) Retry(now time.Time) { c.back(c.attempts+1, now) }

// back ends the chunk's part without a word about its records, which wait on. It
// was answered RETRY so many times.
func (c *Chunk) back(attempts int, now time.Time) {
	o := c.out
	o.mu.Lock()
	if len(o.retried) >= maxRetried {
		o.retried = append(o.retried[:0], o.retried[1:]...)
	}
	o.retried = append(o.retried, retried{c.key(), int64(c.records), attempts, now, copyOf(&c.runs), c.strangers > 0})
	o.end(now, c.strangers > 0)
	o.mu.Unlock()
	o.chunks.Put(c)
}

func (c *Chunk) enter(f fate, now time.Time) {
	c.out.enter(&c.runs, report{fate: f, tag: c.tag, chunk: c.serial, now: now})
}
