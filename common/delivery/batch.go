package delivery

import "time"

// Batch is what an input appends to the agent at once: events of one tag. While
// it is filled it is for one goroutine.
type Batch struct {
	Tag string
	// Events is the caller's to fill, and is not to be changed after Add.
	Events []byte

	segments []*segment
	records  int // in Events
	// deadLetters are records that are not in Events.
	deadLetters []deadLetter

	// The rest is guarded by the ledger's lock.

	slot       int  // in the ledger's batches, -1 if it is not there
	held       bool // by the caller
	tracked    int  // records of partitions that are still ours
	unfinished int  // of them
	size       int  // bytes counted
	again      bool // it came out of Redeliver, and is among the ledger's copies

	// appends counts how often it was appended. The others are of the last
	// time.
	appends    int
	appendedAt time.Time
	end        Count // appended to the agent with it
	taken      bool  // into a chunk, for sure

	touched time.Time // when it was last appended or reported
	suspect Reason
	at      []standing // by output
}

// standing is how far a batch is at an output.
type standing struct {
	done, waiting int // records
	seen          bool
	chunk         uint64 // the last chunk that brought records of it
}

type deadLetter struct {
	segment *segment
	record  int
}

// Emit notes that Events holds the record of an offset, as time in Unix
// milliseconds. Offsets of an assignment ascend, and times do not go back.
func (b *Batch) Emit(a *Assignment, offset, time int64) {
	b.segmentOf(a).emit(offset, time)
	b.records++
}

// EmitDeadLetter notes a record that goes elsewhere: Ledger.DeadLettered
// finishes it.
func (b *Batch) EmitDeadLetter(a *Assignment, offset, time int64) {
	s := b.segmentOf(a)
	b.deadLetters = append(b.deadLetters, deadLetter{s, s.records})
	s.emit(offset, time)
}

// Pass notes that all before offset next was read: what was not emitted of it
// is finished.
func (b *Batch) Pass(a *Assignment, next int64) {
	s := b.segmentOf(a)
	s.next = max(s.next, next)
}

// Records returns the number of records in Events.
func (b *Batch) Records() int { return b.records }

// letters returns how many dead letters are not safe yet. To append the batch
// again would help none of them.
func (b *Batch) letters() (open int) {
	for _, d := range b.deadLetters {
		if d.segment.batch == b && !d.segment.has(0, d.record, d.record+1) {
			open++
		}
	}
	return open
}

func (b *Batch) segmentOf(a *Assignment) *segment {
	// Messages of a partition come in runs, so it is nearly always the last.
	for i := len(b.segments) - 1; i >= 0; i-- {
		if b.segments[i].owner == a {
			return b.segments[i]
		}
	}
	s := getSegment(a)
	b.segments = append(b.segments, s)
	return s
}

// reset empties the batch for its next use, and keeps its memory.
func (b *Batch) reset() {
	*b = Batch{
		Events: b.Events[:0], segments: b.segments[:0], deadLetters: b.deadLetters[:0], at: b.at[:0],
		slot: -1, held: true,
	}
}

// standings makes room for the outputs.
func (b *Batch) standings(outputs int) {
	if b.at = b.at[:0]; cap(b.at) < outputs {
		b.at = make([]standing, outputs)
	}
	b.at = b.at[:outputs]
	clear(b.at)
}

// count is what the batch adds to the agent's counts.
func (b *Batch) count() Count { return Count{int64(b.records), int64(len(b.Events))} }
