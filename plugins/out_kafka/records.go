package outkafka

import (
	"fmt"

	"github.com/tidegate/tidegate/common/chunk"
)

// records walks over a chunk. What is malformed counts as a record with an
// error, so that every flush of a chunk gives its records the same numbers.
type records struct {
	reader chunk.Reader
	size   int
	event  chunk.Event
	err    error
	end    bool
}

func newRecords(data []byte) records {
	return records{reader: chunk.NewReader(data), size: len(data)}
}

// next moves to the next record. Its event is good if err is nil.
func (r *records) next() bool {
	if r.err = nil; r.end {
		return false
	}
	if r.reader.Next(&r.event) {
		return true
	}
	if r.err = r.reader.Err(); r.err == nil {
		return false
	}
	// Behind an event that cannot be stepped over there is no telling how many
	// records are lost. They count as one; the text has the bytes.
	event := r.reader.Offset()
	if !r.reader.Resume() {
		r.end = true
		r.err = fmt.Errorf("%w; the last %d bytes of the chunk are lost", r.err, r.size-event)
	}
	return true
}

// count returns the number of records. A pass of its own costs less than what
// it saves: the states and the channel of reports have their size from the
// start, and messages go out one by one, without a copy of the whole chunk.
func count(data []byte) int {
	n := 0
	all := newRecords(data)
	for all.next() {
		n++
	}
	return n
}
