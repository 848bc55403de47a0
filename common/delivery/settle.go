package delivery

import (
	"slices"
	"time"
)

// A record that a filter dropped comes to no output, and nobody says so. These
// are the rules by which it is taken as finished; each record that is seen and
// not delivered yet keeps its whole batch from it.
//
// An append lands in one chunk as a whole. So once an output has seen a part of
// a batch it has seen what there is of it, if no filter made several chunks of
// it: rewrite_tag and multiline do, and those are flushed a little later. Until
// a run of batches has shown that none does, the settling time is the long one,
// and once one did, for good.
//
// Of a batch that no output has seen at all, it must be certain that the agent
// took it; then it is in a chunk that was made before those of younger batches,
// and is flushed no later. Where there are no younger ones, an output that was
// idle for longer than the agent's flush interval tells the same.

// Times are the ledger's patience.
type Times struct {
	// Settle is how long a batch stays after its last sign of life, where no
	// filter spreads its records over chunks, SettleLong where one may. A
	// short time costs safety in a crash, a long one memory: what was filtered
	// counts as in flight as long. The long one is above the agent's flush
	// interval. Default 1 s and 10 s.
	Settle, SettleLong time.Duration
	// Idle is how long an output has to be idle to conclude that there is
	// nothing more for it. It is above the agent's flush interval. Default
	// 60 s.
	Idle time.Duration
	// Drained is how long the agent's count of what it took has to stand still
	// to conclude that its ring is empty. Default 10 s.
	Drained time.Duration
	// LastResort is when a batch of which nothing is heard is appended again.
	// It is above twice the agent's largest wait between two tries, and how long
	// the delivered records of a redelivered batch are remembered. Default two
	// hours.
	LastResort time.Duration
	// Again is the least time between two appends of a batch. Default 5 s.
	Again time.Duration
}

func (t *Times) setDefaults() {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&t.Settle, time.Second)
	set(&t.SettleLong, 10*time.Second)
	set(&t.Idle, time.Minute)
	set(&t.Drained, 10*time.Second)
	set(&t.LastResort, 2*time.Hour)
	set(&t.Again, 5*time.Second)
}

// shape is what was learned of how filters treat batches.
type shape struct {
	whole  int  // batches in a row that came in one chunk
	spread bool // one came in several, or under another tag
	// own is the input's own tag, which batches without one get. The first chunk
	// told it.
	own string
}

// wholes is how many batches have to come in one chunk each before the short
// time is used.
const wholes = 16

// saw follows records of a batch that come to an output for the first time.
func (s *shape) saw(b *Batch, at *standing, fresh int, what *report) {
	tag := b.Tag
	if tag == "" {
		if s.own == "" {
			s.own = what.tag
		}
		tag = s.own
	}
	if fresh > 0 && (what.tag != tag || at.seen && at.chunk != what.chunk && at.chunk != 0) {
		s.spread = true
	}
}

func (s *shape) settle(t *Times) time.Duration {
	if s.spread || s.whole < wholes {
		return t.SettleLong
	}
	return t.Settle
}

// restAfter is how old an append may become before a moment of rest is wanted to
// see it in a chunk, where that is what is waited for.
const restAfter = 5 * time.Second

// restLocked wants a moment of rest for an append that gets old.
func (l *Ledger) restLocked(now time.Time) {
	l.counter.wanted = l.counter.wanted || l.options.Until == Taken && slices.ContainsFunc(l.batches, func(b *Batch) bool {
		return b.appends > 0 && !b.held && now.Sub(b.appendedAt) > restAfter
	})
}

// settleLocked finishes what was filtered.
func (l *Ledger) settleLocked(now time.Time) {
	if l.options.Until != Delivered {
		l.restLocked(now)
		return
	}
	// Backwards, as a batch that is finished makes way for the last one.
	for i := len(l.batches) - 1; i >= 0; i-- {
		b := l.batches[i]
		if b.held || b.appends == 0 || b.suspect != 0 {
			continue
		}
		for o := range l.outputs {
			if b.at[o].done < b.tracked && l.filteredLocked(b, o, now) {
				l.finishRestLocked(b, o)
			}
		}
		if b.slot >= 0 && now.Sub(b.touched) >= l.options.LastResort && b.unfinished > b.letters() {
			b.doubt(Overdue)
		}
	}
}

// filteredLocked returns whether what is not done of a batch at an output was
// filtered.
func (l *Ledger) filteredLocked(b *Batch, o int, now time.Time) bool {
	at := &b.at[o]
	if at.waiting > 0 {
		return false
	}
	quiet := now.Sub(b.touched)
	if at.seen && b.appends == 1 {
		if l.youngerLocked(b, o) {
			return quiet >= l.shape.settle(&l.options.Times)
		}
		return quiet >= l.options.SettleLong
	}
	switch {
	case l.youngerLocked(b, o) || l.reached[o] > b.end.Records:
		if quiet < l.options.SettleLong {
			return false
		}
	case quiet < l.options.Idle || !l.idleLocked(o, now):
		return false
	}
	if !b.taken {
		l.counter.wanted = true
	}
	return b.taken
}

// youngerLocked returns whether an output finished records of the batch's tag
// that were appended after it.
func (l *Ledger) youngerLocked(b *Batch, o int) bool {
	of := l.tags[b.Tag]
	return len(of) > o && of[o] > b.end.Records
}

// idleLocked returns whether an output has nothing to do, for a while.
func (l *Ledger) idleLocked(o int, now time.Time) bool {
	return now.Sub(l.reported[o]) >= l.options.SettleLong &&
		l.registry.idle(l.outputs[o], now.Add(-l.options.SettleLong), now.Add(-l.options.LastResort))
}

// finishRestLocked finishes what does not wait of a batch at an output.
func (l *Ledger) finishRestLocked(b *Batch, o int) {
	at := &b.at[o]
	if l.options.Until == Delivered {
		l.stats.Filtered += int64(b.tracked - at.done)
	}
	if b.appends == 1 && at.seen {
		l.shape.whole++
	}
	for _, s := range b.segments {
		before := s.unfinished
		s.idle(o, func(from, to int) {
			fresh, _, _ := s.finish(o, from, to)
			at.done += fresh
		})
		b.unfinished -= before - s.unfinished
	}
	l.releaseLocked(b)
}
