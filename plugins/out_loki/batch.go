package outloki

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// batch holds the records of one chunk, encoded, by time. It is made for one
// flush and used by one goroutine.
type batch struct {
	plan     *plan
	streams  streams
	metadata metadata

	// arena holds the encoded entries, in the order of the chunk, with gaps.
	arena   []byte
	entries []entry
	// sorted tells that entries are in the order of their times.
	sorted bool

	ahead    ahead
	grouping grouping
	// limits make each entry fit.
	limits entryLimits
}

func newBatch(p *plan) *batch {
	return &batch{plan: p, streams: newStreams(p), metadata: newMetadata(&p.metadata), ahead: newAhead(p), sorted: true}
}

// begin prepares for a chunk, and for the limits that its output has.
func (b *batch) begin(tag string, l *limits, labels *labelLimits, now time.Time) {
	b.streams.rec.tag = strings.ToValidUTF8(tag, "\uFFFD")
	b.limits.begin(l, now)
	b.streams.limits, b.streams.changes = labels, &b.limits.changes
}

// add encodes a record, by its number in the chunk. With an error the batch is
// as it was.
func (b *batch) add(record int, ev *chunk.Event) error {
	isAhead := b.ahead.has(ev.Body)
	if isAhead {
		b.streams.lookPicked(ev, b.ahead.picks)
	} else {
		b.streams.look(ev)
	}
	stream, err := b.streams.find()
	if err != nil {
		return err
	}
	arena, text := b.ahead.arena, len(b.arena)+headRoom
	if !isAhead {
		if arena, err = b.plan.line.append(b.room(), ev.Body, &b.streams.rec); err != nil {
			return err
		}
	}
	at := b.limits.time(ev.Time)
	start, first := putHead(arena, text, at), len(arena)
	arena = append(arena, b.streams.moved()...)
	if at != ev.Time {
		arena = appendOriginal(arena, ev.Time)
	}
	if b.plan.metadata.some {
		if arena, err = b.metadata.append(arena, first, &b.streams.rec); err != nil {
			return err
		}
	}
	if arena, err = b.limits.fit(arena, start); err != nil {
		b.arena = arena[:len(b.arena)]
		return err
	}
	b.arena = arena
	if n := len(b.entries); n > 0 && at < b.entries[n-1].time {
		b.sorted = false
	}
	b.entries = append(b.entries, entry{at, start, len(arena), stream, int32(record)})
	return nil
}

// room returns the arena with headRoom for another entry.
func (b *batch) room() []byte {
	b.arena = slices.Grow(b.arena, headRoom)
	return b.arena[:len(b.arena)+headRoom]
}

// sort orders the entries by time, and those of one time as in the chunk.
func (b *batch) sort() {
	if b.sorted {
		return
	}
	slices.SortFunc(b.entries, func(x, y entry) int {
		// The place in the arena tells the order in the chunk, which makes
		// the sort stable without the price of a stable one.
		return cmp.Or(cmp.Compare(x.time, y.time), cmp.Compare(x.start, y.start))
	})
	b.sorted = true
}

// What a batch may keep for the next flush. A larger chunk is rare, and its
// memory goes back.
const (
	maxKeptBytes   = 8 << 20
	maxKeptEntries = 1 << 16
	maxKeptSlots   = 1 << 14
)

// reset makes the batch ready for the next chunk, without any reference to
// the last. It returns false if the batch has grown too large to be kept.
func (b *batch) reset() bool {
	kept := cap(b.arena)+b.streams.memory()+b.metadata.memory() <= maxKeptBytes &&
		cap(b.entries) <= maxKeptEntries &&
		len(b.streams.keys.slots) <= maxKeptSlots
	b.ahead.reset()
	b.grouping.reset()
	b.streams.reset()
	b.arena, b.entries, b.sorted = b.arena[:0], b.entries[:0], true
	return kept
}
