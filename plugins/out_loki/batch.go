package outloki

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/common/chunk"
)

// batch holds the records of one chunk, encoded, by time. It is made for one
// flush and used by one goroutine.
type batch struct {
	plan     *plan
	streams  streams
	metadata metadata

	// arena holds the encoded entries, in the order of the chunk.
	arena   []byte
	entries []entry
	// sorted tells that entries are in the order of their times.
	sorted bool

	grouping grouping
	// raw and packed are the push that is being sent, before and after
	// compression.
	raw, packed []byte
}

func newBatch(p *plan) *batch {
	return &batch{plan: p, streams: newStreams(p), metadata: newMetadata(&p.metadata), sorted: true}
}

// begin tells the tag of the chunk that comes.
func (b *batch) begin(tag string) { b.streams.rec.tag = strings.ToValidUTF8(tag, "\uFFFD") }

// add encodes a record, by its number in the chunk. With an error the batch is
// as it was.
func (b *batch) add(record int, ev *chunk.Event) error {
	stream, err := b.streams.find(ev)
	if err != nil {
		return err
	}
	start := len(b.arena)
	arena, err := appendLine(appendTime(b.arena, ev.Time), ev.Body, &b.plan.line, &b.streams.rec)
	if err != nil {
		return err
	}
	if b.plan.metadata.some {
		if arena, err = b.metadata.append(arena, &b.streams.rec); err != nil {
			return err
		}
	}
	b.arena = arena
	if n := len(b.entries); n > 0 && ev.Time < b.entries[n-1].time {
		b.sorted = false
	}
	b.entries = append(b.entries, entry{ev.Time, start, len(arena), stream, int32(record)})
	return nil
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

// entryOverhead is what an entry costs in a push beside its own bytes: a tag
// and a length. A stream costs as much, and its labels.
const entryOverhead = 4

// cut returns how many of the entries from the front on make a push of about
// size bytes, at least one.
func (b *batch) cut(entries []entry, size int) int {
	b.grouping.start(b.streams.texts.len())
	total := 0
	for i := range entries {
		e := &entries[i]
		total += e.size() + entryOverhead
		if b.grouping.count(e.stream) == 1 {
			total += len(b.streams.texts.get(e.stream)) + 2*entryOverhead
		}
		if total > size && i > 0 {
			return i
		}
	}
	return len(entries)
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
	kept := cap(b.arena)+cap(b.raw)+cap(b.packed)+b.streams.memory()+b.metadata.memory() <= 2*maxKeptBytes &&
		cap(b.entries) <= maxKeptEntries &&
		len(b.streams.keys.slots) <= maxKeptSlots
	b.streams.reset()
	b.arena, b.entries, b.sorted = b.arena[:0], b.entries[:0], true
	return kept
}
