package outkafka

import (
	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/office"
)

// state is what became of a record.
type state uint8

const (
	// unsent: it has to be produced. So has one whose delivery failed.
	unsent state = iota
	// outstanding: it was produced, and no report has come.
	outstanding
	// delivered: the brokers have it.
	delivered
	// doubted: the broker refused the batch that it was in, for what may be
	// another record's fault. It is produced again, in a batch of its own.
	doubted
	// rejected: nobody takes it. Its letter may still be on its way.
	rejected
)

// flight is a chunk on its way. Between two flushes it is kept under the
// chunk's key; one flush at a time has it.
type flight struct {
	// states are the records'. It keeps its size: each message carries a
	// pointer to its state through the client.
	states []state
	// reports has room for all of them: the client's poller never waits for a
	// flush. It is nil while none is expected.
	reports chan kafka.Event
	// session has the outstanding records.
	session     *session
	outstanding int
	// mail is the dead letters of what was rejected.
	mail *office.Mail[reason]
}

// read enters the chunk's records with the inputs, and leaves out those that
// were delivered as part of another chunk.
//
// A pass of its own costs less than what it saves: the states and the channel
// of reports have their size before anything is sent, and messages go out one
// by one, without a copy of the whole chunk.
func (f *flight) read(acks *delivery.Chunk, data []byte) {
	i := 0
	for all := chunk.NewRecords(data); all.Next(); i++ {
		if i == len(f.states) {
			f.states = append(f.states, unsent)
		}
		if all.Err == nil && acks.Add(&all.Event) && f.states[i] == unsent {
			f.states[i] = delivered
		}
	}
}

// settled reports whether nothing is left to do for a record.
func (f *flight) settled(record int) bool {
	return f.states[record] == delivered || f.states[record] == rejected && !f.mail.Waits(record)
}

// open makes the flight ready to expect reports, rest lets go of what it does
// not need between two flushes: of the two, the channel is the large part.
func (f *flight) open() {
	if f.reports == nil {
		f.reports = make(chan kafka.Event, len(f.states))
	}
}

func (f *flight) rest() {
	if f.outstanding == 0 {
		f.reports, f.session = nil, nil
	}
}

// launch notes that record i was produced.
func (f *flight) launch(i int) {
	f.states[i] = outstanding
	f.outstanding++
}

// land notes what a report says of its record.
func (f *flight) land(s *state, is state) {
	*s = is
	f.outstanding--
}

// number returns which record a state is of.
func (f *flight) number(s *state) int {
	for i := range f.states {
		if &f.states[i] == s {
			return i
		}
	}
	panic("a report of another flight") // its channel is this one's
}

// abandon gives up on reports: the producer that would give them is closed.
func (f *flight) abandon() {
	for i, s := range f.states {
		if s == outstanding {
			f.states[i] = unsent
		}
	}
	f.outstanding = 0
}

// count returns how many records are in a state.
func (f *flight) count(want state) (n int) {
	for _, s := range f.states {
		if s == want {
			n++
		}
	}
	return n
}

// done reports whether every record is delivered or rejected.
func (f *flight) done() bool {
	return f.count(delivered)+f.count(rejected) == len(f.states)
}

// fresh reports whether nothing was done yet that a retry has to know.
func (f *flight) fresh() bool { return f.count(unsent) == len(f.states) }
