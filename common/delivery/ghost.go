package delivery

import (
	"slices"
	"time"
)

// ghost is a finished segment of a batch that was appended more than once, so
// that the agent may still have a copy: it knows what was delivered.
type ghost struct {
	segment segment
	expires time.Time
}

// maxGhosts bounds those of one assignment.
const maxGhosts = 512

// buryLocked keeps what was delivered of a batch that was appended more than
// once.
func (l *Ledger) buryLocked(b *Batch) {
	if b.appends < 2 {
		return // it was not needed again after all
	}
	for _, s := range b.segments {
		if s.records == 0 {
			continue
		}
		s.owner.ghosts = append(s.owner.ghosts, ghost{
			segment: segment{
				spans: slices.Clone(s.spans), state: slices.Clone(s.state),
				words: s.words, outputs: s.outputs,
			},
			expires: b.touched.Add(l.options.LastResort),
		})
		l.copies.Add(1)
		l.dropGhostsLocked(s.owner, len(s.owner.ghosts)-maxGhosts)
	}
}

func (l *Ledger) expireGhostsLocked(now time.Time) {
	if l.copies.Load() == 0 {
		return
	}
	for _, a := range l.assigned {
		n := 0
		for n < len(a.ghosts) && !now.Before(a.ghosts[n].expires) {
			n++
		}
		l.dropGhostsLocked(a, n)
	}
}

// dropGhostsLocked forgets the oldest n of an assignment.
func (l *Ledger) dropGhostsLocked(a *Assignment, n int) {
	if n > 0 {
		l.copies.Add(-int32(n))
		a.ghosts = slices.Delete(a.ghosts, 0, n)
	}
}

// fresh returns the offset from which on no record of the origin can be a copy.
func (l *Ledger) fresh(o *Origin) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a, _ := l.assignmentLocked(o); a != nil {
		return a.copied
	}
	return 0
}

// has returns whether the output has delivered a record.
func (l *Ledger) has(o *Origin, offset int64, name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	output := slices.Index(l.outputs, name)
	a, _ := l.assignmentLocked(o)
	if output < 0 || a == nil {
		return false
	}
	for i := a.search(offset); i < len(a.queue) && a.queue[i].from() <= offset; i++ {
		if s := a.queue[i]; s.batch != nil && s.delivered(output, offset) {
			return true
		}
	}
	for i := range a.ghosts {
		if a.ghosts[i].segment.delivered(output, offset) {
			return true
		}
	}
	return false
}

func (s *segment) delivered(output int, offset int64) (yes bool) {
	s.covered(offset, offset, func(from, to int) { yes = s.has(output, from, to) })
	return yes
}
