package outkafka

import (
	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
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
	// rejected: nobody takes it.
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
}

func newFlight(n int) *flight { return &flight{states: make([]state, n)} }

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
