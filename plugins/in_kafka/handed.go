package inkafka

import "slices"

// handed are batches on their way from the append into a chunk of the agent.
// In between they are in its input buffer, which it throws away when it stops.
//
// The agent says only how many records it took so far. It takes them in the
// order of the appends, so that number tells which batches.
type handed struct {
	// taken is the host's count, nil where it has none: then what was appended
	// counts as taken.
	taken func() (records int64, ok bool)

	appended int64
	waiting  []handedBatch
}

// handedBatch is one of them: with it, end records are appended.
type handedBatch struct {
	end   int64
	marks []mark
}

// add notes a batch that was appended.
func (h *handed) add(marks []mark) {
	for i := range marks {
		h.appended += int64(marks[i].records)
	}
	h.waiting = append(h.waiting, handedBatch{h.appended, slices.Clone(marks)})
}

// settle calls f with the marks of each batch that was taken since.
func (h *handed) settle(f func([]mark)) {
	taken := h.appended
	if h.taken != nil {
		if n, ok := h.taken(); ok {
			taken = n
		}
	}
	n := 0
	for ; n < len(h.waiting) && h.waiting[n].end <= taken; n++ {
		f(h.waiting[n].marks)
	}
	h.waiting = slices.Delete(h.waiting, 0, n)
}
