package delivery

import (
	"sync"
	"sync/atomic"
	"time"
)

// Until says when a record is finished.
type Until int

const (
	// Delivered is when every output that is waited for delivered or rejected it,
	// or it was filtered out.
	Delivered Until = iota
	// Taken is when the agent has it in a chunk. What was lost on the way there
	// is appended again.
	Taken
	// Appended is when the agent has it in its input buffer.
	Appended
)

// theAgent stands in the place of the outputs where none is waited for.
const theAgent = ""

// Options are what a Ledger is made with. Times that are 0 get a default.
type Options struct {
	// Source is in the origin of each record.
	Source uint64
	// Until is when a record is finished.
	Until Until
	// AckFrom names the outputs to wait for, by instance or by plugin. Empty
	// means the one that there is.
	AckFrom []string
	// InRecord says that the origins are in the records as well, under RecordKey.
	InRecord bool
	// MaxInFlight bounds the bytes of unfinished batches, more or less: the
	// reader stops after it was passed.
	MaxInFlight int64
	Times
}

// Ledger follows the records of one input from the append to the commit.
type Ledger struct {
	registry *Registry
	options  Options
	inFlight atomic.Int64

	// copies counts batches of which the agent may have two copies.
	copies atomic.Int32

	// ours and last are the goroutine's that calls Assign.
	ours map[Partition]*Assignment
	last *Assignment

	mu       sync.Mutex
	started  bool
	outputs  []string // those to wait for
	assigned map[Partition]*Assignment
	batches  []*Batch // unfinished, in no order
	spare    spare
	tags     map[string][]int64 // by output: the largest end of a batch that it finished records of
	reached  []int64            // the same over all tags
	reported []time.Time        // by output
	counter  counter
	shape    shape
	stats    Stats
	finished []*Batch // finishLocked's own
}

// NewLedger returns a ledger that outputs find in the registry until it is
// closed.
func NewLedger(r *Registry, o Options) *Ledger {
	o.setDefaults()
	l := &Ledger{
		registry: r, options: o,
		ours: map[Partition]*Assignment{}, assigned: map[Partition]*Assignment{},
		tags: map[string][]int64{},
	}
	r.add(l)
	return l
}

// Close takes the ledger out of the registry. Reports that come later are for
// nobody.
func (l *Ledger) Close() { l.registry.remove(l) }

// Start settles which outputs are waited for. It is called once, before the
// first append, when all outputs of the agent have joined.
func (l *Ledger) Start() error {
	names := []string{theAgent}
	if l.options.Until == Delivered {
		var err error
		if names, err = l.registry.resolve(l.options.AckFrom); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.started = true
	l.outputs = names
	l.reached = make([]int64, len(names))
	l.reported = make([]time.Time, len(names))
	for _, b := range l.batches {
		l.prepareLocked(b)
	}
	for _, a := range l.assigned {
		l.finishEarlyLocked(a, time.Time{})
	}
	return nil
}

// Outputs returns the names of the outputs that are waited for.
func (l *Ledger) Outputs() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.outputs
}

// Assign starts an assignment of a partition. Assign, Revoke and Assigned are
// for one goroutine, the reader's.
func (l *Ledger) Assign(p Partition) *Assignment {
	if l.ours[p] != nil {
		l.Revoke(p)
	}
	a := &Assignment{Partition: p, Number: l.registry.nextAssignment(), watermark: -1, given: -1}
	l.ours[p] = a
	l.mu.Lock()
	defer l.mu.Unlock()
	l.assigned[p] = a
	return a
}

// Assigned returns the present assignment of a partition, nil if there is none.
func (l *Ledger) Assigned(topic string, id int32) *Assignment {
	if a := l.last; a != nil && a.ID == id && a.Topic == topic {
		return a
	}
	a := l.ours[Partition{topic, id}]
	if a != nil {
		l.last = a
	}
	return a
}

// Revoke ends an assignment: nothing of it is committed from now on, and its
// records are forgotten, since the partition's next owner reads them. It returns
// the offset that may still be committed before the revocation is answered, if
// it moved; of a partition that is lost already, it may not.
func (l *Ledger) Revoke(p Partition) (offset int64, moved bool) {
	delete(l.ours, p)
	l.last = nil
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.assigned[p]
	if a == nil {
		return 0, false
	}
	delete(l.assigned, p)
	a.advance()
	offset, moved = a.watermark, a.watermark > a.given
	a.revoked = true
	l.forgetLocked(a)
	return offset, moved
}

// forgetLocked drops what is unfinished of an assignment.
func (l *Ledger) forgetLocked(a *Assignment) {
	for _, s := range a.queue {
		if b := s.batch; b != nil {
			l.leaveLocked(b, s)
			l.releaseLocked(b)
		}
	}
	a.forget()
	l.dropGhostsLocked(a, len(a.ghosts))
}

// leaveLocked takes a segment out of its batch; it is the queue's alone then.
func (*Ledger) leaveLocked(b *Batch, s *segment) {
	for o := range b.at {
		b.at[o].done -= count(s.bits(o, done))
		b.at[o].waiting -= count(s.bits(o, waiting))
	}
	b.tracked -= s.records
	b.unfinished -= s.unfinished
	for i, other := range b.segments {
		if other == s {
			b.segments = append(b.segments[:i], b.segments[i+1:]...)
			break
		}
	}
	s.batch = nil
}
