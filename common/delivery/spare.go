package delivery

import (
	"slices"
	"time"
)

// spare are batches for their next use. Outputs deliver many at once, and memory
// that the collector gave back in between would have to be had from the system
// anew, page by page: that was a tenth of an agent's CPU. What was not needed
// for a while is let go.
type spare struct {
	batches []*Batch
	bytes   int64
	// least is how many there were at least since the last trim.
	least   int
	trimmed time.Time
}

const (
	// maxSpareBytes is how large a batch may be: one that a huge message blew up
	// is let go.
	maxSpareBytes = 4 << 20
	trimEvery     = 10 * time.Second
)

// take returns a batch, used or new.
func (s *spare) take() *Batch {
	n := len(s.batches)
	if n == 0 {
		return new(Batch)
	}
	b := s.batches[n-1]
	s.batches[n-1] = nil
	s.batches = s.batches[:n-1]
	s.bytes -= int64(cap(b.Events))
	s.least = min(s.least, n-1)
	return b
}

// put keeps a batch, unless all of them would take more than room.
func (s *spare) put(b *Batch, room int64) {
	size := int64(cap(b.Events))
	if size <= maxSpareBytes && s.bytes+size <= room {
		s.batches = append(s.batches, b)
		s.bytes += size
	}
}

// trim lets go of what was not needed since the last time.
func (s *spare) trim(now time.Time) {
	if now.Sub(s.trimmed) < trimEvery {
		return
	}
	for _, b := range s.batches[:s.least] {
		s.bytes -= int64(cap(b.Events))
	}
	s.batches = slices.Delete(s.batches, 0, s.least)
	s.least, s.trimmed = len(s.batches), now
}
