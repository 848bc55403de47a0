package delivery

import (
	"cmp"
	"slices"
)

// maxBoundaries bounds the work of telling boundaries apart, which grows with
// the square of the batches in flight. Above it, a moment of rest tells.
const maxBoundaries = 128

// boundaryLocked returns whether a sum of the agent's counts says which batches
// it took: it is the end of one, and would not be the same had the agent lost
// some in a row and taken later ones instead. Of batches that are all alike, that
// cannot be told.
func (l *Ledger) boundaryLocked(sum Count) bool {
	var ends []Count
	var start Count
	for _, b := range l.batches {
		if b.appends == 0 || b.held {
			continue
		}
		if len(ends) == maxBoundaries {
			return false
		}
		before := b.end.minus(b.count())
		if len(ends) == 0 || before.Records < start.Records {
			start = before
		}
		ends = append(ends, b.end)
	}
	slices.SortFunc(ends, func(a, b Count) int { return cmp.Compare(a.Records, b.Records) })
	k := slices.Index(ends, sum)
	if k < 0 {
		return false
	}
	later := map[Count]bool{}
	for _, end := range ends[k+1:] {
		later[end.minus(sum)] = true
	}
	if len(later) == 0 {
		return true
	}
	points := slices.Insert(ends[:k+1:k+1], 0, start)
	for i, from := range points {
		for _, to := range points[i+1:] {
			if later[to.minus(from)] {
				return false
			}
		}
	}
	return true
}

func (b *Batch) count() Count { return Count{int64(b.records), int64(len(b.Events))} }
