package office

import (
	"context"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/reasons"
)

// Rejected is a record that an output gave up.
type Rejected[R reasons.Reason] struct {
	Record  int // its number in the chunk
	Why     R
	Example reasons.Example // its own, for the letter and for the log
}

// Mail is the dead letters of a chunk, from flush to flush until all are safe.
// One flush at a time has it. nil, without an office, is always empty.
type Mail[R reasons.Reason] struct {
	office *Office[R]
	// again tells that an earlier flush of the chunk had it.
	again bool
	// todo are those whose letter the sink has not taken yet.
	todo []Rejected[R]

	// The sink's goroutine tells of letters that are safe.
	mu sync.Mutex
	// letters are of the records that were rejected; those with true are safe.
	letters map[int]bool
	left    int           // of which the sink has the letter, and it is not safe
	empty   chan struct{} // closed when left becomes 0; nil unless someone waits
}

// Has reports whether an earlier flush rejected a record: it must not be sent
// again.
func (m *Mail[R]) Has(record int) bool {
	if m == nil || !m.again {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, is := m.letters[record]
	return is
}

// Empty reports whether no record was rejected.
func (m *Mail[R]) Empty() bool {
	if m == nil {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.letters) == 0
}

// Waits reports whether a record was rejected and its letter is not safe.
func (m *Mail[R]) Waits(record int) bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	safe, is := m.letters[record]
	return is && !safe
}

// Safe returns the records whose letter is safe.
func (m *Mail[R]) Safe() (records []int) {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for record, safe := range m.letters {
		if safe {
			records = append(records, record)
		}
	}
	return records
}

// Post sends the letters of what a flush of the chunk rejected, after those that
// an earlier one could not send, and reports whether all are safe. It adds to
// counted what the sink took.
func (m *Mail[R]) Post(ctx context.Context, tag string, data []byte, rejects []Rejected[R], counted *reasons.Sums[R]) (safe bool) {
	if m == nil {
		for i := range rejects {
			counted.Add(rejects[i].Why, 1, rejects[i].Example)
		}
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, m.office.patience)
	defer cancel()
	m.enter(rejects)
	for {
		before := len(m.todo)
		m.write(tag, data, counted)
		switch {
		case m.wait(ctx) && len(m.todo) == 0:
			return true
		case len(m.todo) == before, ctx.Err() != nil:
			// The sink takes none at the moment, or there is no time.
			m.office.wait(time.Now())
			return false
		}
		// A topic has room again for what was too much for it.
	}
}

// enter notes what was rejected.
func (m *Mail[R]) enter(rejects []Rejected[R]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range rejects {
		m.letters[rejects[i].Record] = false
	}
	m.todo = append(m.todo, rejects...)
}

// write hands over the letters that are to be sent, with their records read from
// the chunk again.
func (m *Mail[R]) write(tag string, data []byte, counted *reasons.Sums[R]) {
	if len(m.todo) == 0 {
		return
	}
	of := make(map[int]*Rejected[R], len(m.todo))
	for i := range m.todo {
		of[m.todo[i].Record] = &m.todo[i]
	}
	var refused []Rejected[R]
	number := 0
	for all := chunk.NewRecords(data); all.Next(); number++ {
		r := of[number]
		if r == nil {
			continue
		}
		if m.send(&all.Event, tag, r) {
			counted.Add(r.Why, 1, r.Example)
		} else {
			refused = append(refused, *r)
		}
	}
	m.todo = refused
}

// send hands a letter over, and reports whether it was taken.
func (m *Mail[R]) send(ev *chunk.Event, tag string, r *Rejected[R]) (taken bool) {
	l := letter(ev, tag, r.Why.String(), &r.Example)
	record := r.Record
	m.mu.Lock()
	m.left++ // before it is sent: it can be safe before Send returns
	m.mu.Unlock()
	err := m.office.sink.Send(&l, func() { m.arrive(record, true) })
	if err != nil {
		m.arrive(record, false)
	}
	return err == nil
}

// arrive ends the way of a letter that is safe, or was not taken.
func (m *Mail[R]) arrive(record int, safe bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters[record] = safe
	m.left--
	if m.left == 0 && m.empty != nil {
		close(m.empty)
		m.empty = nil
	}
}

// wait reports whether all that the sink took is safe before ctx is done.
func (m *Mail[R]) wait(ctx context.Context) bool {
	m.mu.Lock()
	if m.left == 0 {
		m.mu.Unlock()
		return true
	}
	if m.empty == nil {
		m.empty = make(chan struct{})
	}
	empty := m.empty
	m.mu.Unlock()
	select {
	case <-empty:
		return true
	case <-ctx.Done():
		return false
	}
}
