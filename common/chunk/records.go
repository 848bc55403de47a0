package chunk

import "fmt"

// Records walks over a chunk and goes on behind what it cannot read: that
// counts as a record with an error, so that every walk over the same bytes
// gives its records the same numbers.
//
//	for all := chunk.NewRecords(data); all.Next(); {
//		if all.Err != nil { … }
//	}
type Records struct {
	// Event is the present record. It is good if Err is nil.
	Event Event
	Err   error

	reader Reader
	size   int
	end    bool
}

// NewRecords walks over data, which must stay as it is meanwhile.
func NewRecords(data []byte) Records {
	return Records{reader: NewReader(data), size: len(data)}
}

// Walk is Reader.Walk.
func (r *Records) Walk(walk Walk) { r.reader.Walk(walk) }

// Next moves to the next record. It returns false behind the last.
func (r *Records) Next() bool {
	if r.Err = nil; r.end {
		return false
	}
	if r.reader.Next(&r.Event) {
		return true
	}
	if r.Err = r.reader.Err(); r.Err == nil {
		return false
	}
	// Behind an event that cannot be stepped over there is no telling how many
	// records are lost. They count as one; the text has the bytes.
	event := r.reader.Offset()
	if !r.reader.Resume() {
		r.end = true
		r.Err = fmt.Errorf("%w; the last %d bytes of the chunk are lost", r.Err, r.size-event)
	}
	return true
}

// Count returns the number of records of a chunk, as Records numbers them.
func Count(data []byte) int {
	n := 0
	for all := NewRecords(data); all.Next(); {
		n++
	}
	return n
}
