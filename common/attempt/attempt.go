// Package attempt is one flush of a chunk, for outputs that send it in several
// requests. What one attempt settled, delivered or rejected, the next leaves
// out, and the inputs hear of it through the ledger.
//
//	a := attempts.Begin(tag, data)
//	a.Read(nil, batch.add, reject)
//	a.Start(now)
//	… send, and a.Settle(record) for what is settled …
//	return a.End(result, now)
package attempt

import (
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/resume"
)

const (
	// maxWaiting is above the number of chunks that the engine holds for one
	// output in memory: they are of about 2 MB.
	maxWaiting = 1024
	// waitingFor is above the longest time between two tries of the engine,
	// 2,000 seconds, with room for a server that asks for more.
	waitingFor = time.Hour
)

// Attempts are an output's. It is safe for concurrent use.
type Attempts struct {
	acks    *delivery.Output
	waiting *resume.Store[resume.Set]
}

// New returns the attempts of an output.
func New(acks *delivery.Output) *Attempts {
	return &Attempts{acks, resume.New[resume.Set](maxWaiting, waitingFor)}
}

// Attempt is for one goroutine.
type Attempt struct {
	// Again tells that an earlier attempt settled some of the chunk.
	Again bool

	all   *Attempts
	chunk *delivery.Chunk
	tag   string
	data  []byte
	// settled are the records that need not be sent.
	settled resume.Set
}

// Postpone says that the output asks for a chunk again without having tried to
// send it.
func (all *Attempts) Postpone(tag string, data []byte, now time.Time) plugin.Result {
	all.acks.Pending(tag, data, now)
	return plugin.Retry
}

// Begin starts an attempt. data must stay as it is until its end.
func (all *Attempts) Begin(tag string, data []byte) *Attempt {
	a := &Attempt{all: all, chunk: all.acks.Chunk(tag, len(data)), tag: tag, data: data}
	a.settled, a.Again = all.waiting.Claim(tag, data)
	return a
}

// Read calls add with each record that is to be sent, and its number in the
// chunk. What cannot be read, or what add refuses, is settled, and reject is
// told. walk is nil, or steps over the bodies of records where none is changed before it
// comes to add: see chunk.Reader.Walk. It returns how many records there are.
func (a *Attempt) Read(walk chunk.Walk, add func(record int, ev *chunk.Event) error, reject func(err error, malformed bool)) (records int) {
	all := chunk.NewRecords(a.data) // outside of the loop, which would copy it for each record
	if !a.chunk.Strips() {          // the walk would be over what is not to be sent
		all.Walk(walk)
	}
	for ; all.Next(); records++ {
		settled := a.settled.Has(records)
		switch {
		case all.Err != nil && settled:
		case all.Err != nil:
			a.Settle(records)
			reject(all.Err, true)
		case a.chunk.Add(&all.Event) || settled:
		default:
			a.chunk.Strip(&all.Event)
			if err := add(records, &all.Event); err != nil {
				a.Settle(records)
				reject(err, false)
			}
		}
	}
	return records
}

// Start says that the output has the chunk, once it was read.
func (a *Attempt) Start(now time.Time) { a.chunk.Start(now) }

// Settle notes that a record was delivered or rejected. That all are, End is
// told by its result.
func (a *Attempt) Settle(record int) { a.settled.Add(record) }

// End ends the attempt with what the agent is answered.
func (a *Attempt) End(result plugin.Result, now time.Time) plugin.Result {
	switch result {
	case plugin.OK:
		a.chunk.Done(now)
	case plugin.Error:
		a.chunk.GivenUp(now)
	default:
		if a.settled != nil {
			a.chunk.Delivered(a.data, a.settled.Has, now)
			a.all.waiting.Keep(a.tag, a.data, a.settled)
		}
		a.chunk.Retry(now)
	}
	return result
}
