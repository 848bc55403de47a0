package delivery

import (
	"slices"
	"sort"
)

// Partition names a partition of a topic.
type Partition struct {
	Topic string
	ID    int32
}

// Assignment is a partition in the time from being assigned to being revoked.
type Assignment struct {
	Partition
	// Number is unique in the process. It goes into the origin of each record.
	Number uint32

	// The rest is guarded by the ledger's lock.

	revoked bool
	// queue are the segments in the order of their offsets, from the first with
	// an unfinished record.
	queue   []*segment
	trimmed int   // calls of trim since the last merge
	end     int64 // behind all that was added
	// copied is behind all records of which the agent may have two copies,
	// ghosts are those of them that are finished.
	copied int64
	ghosts []ghost
	// early are dead letters that are safe and behind end.
	early []int64
	// watermark is behind all that is finished, given is the last that Commit
	// returned; -1 for none.
	watermark, given int64
}

// push adds a segment. Its offsets are behind those of the queue.
func (a *Assignment) push(s *segment) {
	if a.watermark < 0 {
		// Where reading starts is worth a commit: with start_at latest, a
		// restart before the first delivery would start behind it.
		a.watermark = s.from()
	}
	a.end = s.next
	a.queue = append(a.queue, s)
}

// trim follows a segment that was finished or that its batch let go of: the
// front of the queue that nothing needs any more goes.
func (a *Assignment) trim() {
	n := 0
	for ; n < len(a.queue) && a.queue[n].over(); n++ {
		a.watermark = max(a.watermark, a.queue[n].next)
		putSegment(a.queue[n])
	}
	if n > 0 {
		a.queue = slices.Delete(a.queue, 0, n)
	}
	if a.trimmed++; a.trimmed > 32+len(a.queue)/2 {
		a.merge()
	}
}

// over returns whether nothing of the segment matters but where it ends. While
// its batch is in flight, outputs may ask what they have of it.
func (s *segment) over() bool { return s.unfinished == 0 && s.batch == nil }

// merge makes one of neighbours that are over: behind one record that is never
// delivered, they would grow without end.
func (a *Assignment) merge() {
	kept := a.queue[:0]
	for _, s := range a.queue {
		if n := len(kept); n > 0 && s.over() && kept[n-1].over() {
			kept[n-1].next = s.next
			putSegment(s)
			continue
		}
		kept = append(kept, s)
	}
	clear(a.queue[len(kept):])
	a.queue, a.trimmed = kept, 0
}

// forget empties the queue, whose segments have left their batches.
func (a *Assignment) forget() {
	for _, s := range a.queue {
		putSegment(s)
	}
	clear(a.queue)
	a.queue, a.trimmed = a.queue[:0], 0
}

// advance moves the watermark up to the first unfinished record.
func (a *Assignment) advance() {
	for _, s := range a.queue {
		if s.unfinished > 0 {
			a.watermark = max(a.watermark, s.committable())
			return
		}
		a.watermark = max(a.watermark, s.next)
	}
}

// search returns the place in the queue of the first segment that reaches
// beyond offset.
func (a *Assignment) search(offset int64) int {
	if len(a.queue) > 0 && a.queue[0].next > offset {
		return 0
	}
	return sort.Search(len(a.queue), func(i int) bool { return a.queue[i].next > offset })
}

// oldest returns the time of the oldest unfinished record, give or take what is
// with it in its batch.
func (a *Assignment) oldest() (time int64, ok bool) {
	for _, s := range a.queue {
		if s.unfinished > 0 {
			return s.oldest, true
		}
	}
	return 0, false
}
