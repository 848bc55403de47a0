package inkafka

import (
	"log/slog"
	"slices"
	"time"
)

const (
	// ringSlots is how many batches fit into the host's input buffer. More than
	// that cannot wait there.
	ringSlots = 1024
	// stuckFor is how long the host's count may stand still while batches wait.
	// A host that is too busy to empty its buffer for as long is in trouble, but
	// not for as long without pausing its inputs.
	stuckFor = time.Minute
)

// handed are batches on their way from the append into a chunk of the agent.
// In between they are in its input buffer, which it throws away when it stops.
//
// The agent says only how many records it took so far. It takes them in the
// order of the appends, so that number tells which batches, unless something
// changes the number of records on the way: processors of the input that drop
// or add some, or conditional routes. Once that shows, offsets follow the append.
type handed struct {
	log *slog.Logger
	// taken is the host's count, nil where it has none that can be used: then
	// what was appended counts as taken.
	taken func() (records int64, ok bool)

	appended int64
	waiting  []handedBatch

	last  int64     // what the host said before
	moved time.Time // when that changed, or something began to wait
}

// handedBatch is one of them: with it, end records are appended.
type handedBatch struct {
	end   int64
	marks []mark
}

// add notes a batch that was appended.
func (h *handed) add(now time.Time, marks []mark) {
	if len(h.waiting) == 0 {
		h.moved = now
	}
	for i := range marks {
		h.appended += int64(marks[i].records)
	}
	h.waiting = append(h.waiting, handedBatch{h.appended, slices.Clone(marks)})
}

// settle calls f with the marks of each batch that was taken since.
func (h *handed) settle(now time.Time, f func([]mark)) {
	taken := h.count(now)
	n := 0
	for ; n < len(h.waiting) && h.waiting[n].end <= taken; n++ {
		f(h.waiting[n].marks)
	}
	h.waiting = slices.Delete(h.waiting, 0, n)
}

// count returns how many of the appended records the host took.
func (h *handed) count(now time.Time) int64 {
	if h.taken == nil {
		return h.appended
	}
	taken, ok := h.taken()
	if ok && taken != h.last {
		h.last, h.moved = taken, now
	}
	if ok && taken <= h.appended && len(h.waiting) <= ringSlots && (len(h.waiting) == 0 || now.Sub(h.moved) < stuckFor) {
		return taken
	}
	h.log.Warn("the agent does not count the records as they are appended, which processors and conditional routes of the input do; "+
		"offsets follow the append from now on: what waits in the input's buffer when the agent stops is lost",
		"appended", h.appended, "taken", taken, "batches_waiting", len(h.waiting))
	h.taken = nil
	return h.appended
}
