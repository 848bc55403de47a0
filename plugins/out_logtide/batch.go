package outlogtide

import (
	"errors"

	"github.com/tidegate/tidegate/common/chunk"
)

const (
	// maxRequest is about how many bytes a request holds. The server takes 50
	// MB, but parses a body as a whole.
	maxRequest = 8 << 20
	// maxLog is what a request of one log may have: 50 MB without the
	// envelope. The server would close the connection on a larger one while it
	// is still being sent, which looks like an outage.
	maxLog = 50_000_000 - len(requestHead) - len(requestTail)
)

const (
	requestHead = `{"logs":[`
	requestTail = `]}`
)

var errTooLarge = errors.New("the log is larger than a request may be")

// batch holds the logs of one chunk. It is used by one flush at a time.
type batch struct {
	plan *plan
	// fixed are the values that are the same for all records of the chunk.
	fixed  [numMembers][]byte
	fields fields
	// scratch holds a text while it is looked at.
	scratch []byte
	// arena holds the logs as JSON, in order, with a comma behind each: a run
	// of them is a part of a request as it stands.
	arena   []byte
	entries []entry
	// body is the last request.
	body []byte
}

// entry is where a log is in the arena, without its comma.
type entry struct {
	start, end int
	record     int32 // its number in the chunk
}

func newBatch(p *plan) *batch {
	return &batch{plan: p, fields: fields{paths: make([][]byte, len(p.members))}}
}

// add encodes a record, by its number in the chunk. With an error the batch is
// as it was.
func (b *batch) add(record int, ev *chunk.Event) error {
	start := len(b.arena)
	out, err := b.appendLog(b.arena, ev)
	if err == nil && len(out)-start > maxLog {
		err = errTooLarge
	}
	if err != nil {
		b.arena = out[:start]
		return err
	}
	b.entries = append(b.entries, entry{start, len(out), int32(record)})
	b.arena = append(out, ',')
	return nil
}

// appendLog appends a log as the server takes it:
//
//	{"time", "service", "level", "message", "trace_id"?, "span_id"?, "metadata"?}
func (b *batch) appendLog(dst []byte, ev *chunk.Event) ([]byte, error) {
	start := len(dst)
	err := b.fields.read(ev, b.plan, &b.fixed)
	if err != nil {
		return dst, err
	}
	dst = append(dst, `{"time":"`...)
	dst = b.appendTime(dst, ev.Time)
	dst = append(dst, `","service":`...)
	dst = b.appendService(dst)
	dst = append(dst, `,"level":"`...)
	dst = append(dst, b.level()...)
	dst = append(dst, `","message":`...)
	if dst, err = b.appendMessage(dst, ev.Body); err != nil {
		return dst, err
	}
	dst = b.appendTraceID(dst)
	dst = b.appendSpanID(dst)
	if dst, err = b.appendMetadata(dst); err != nil {
		return dst, err
	}
	return stripNULs(append(dst, '}'), start), nil
}

// cut returns how many of the entries from the front on make a request, at
// least one.
func cut(entries []entry, most int) int {
	for i := range entries {
		if i == most || i > 0 && entries[i].end-entries[0].start > maxRequest {
			return i
		}
	}
	return len(entries)
}

// request encodes a run of entries. The result is valid until the next one.
func (b *batch) request(entries []entry) []byte {
	b.body = append(b.body[:0], requestHead...)
	b.body = append(b.body, b.arena[entries[0].start:entries[len(entries)-1].end]...)
	b.body = append(b.body, requestTail...)
	return b.body
}

// What a batch may keep for the next flush. A larger chunk is rare, and its
// memory goes back.
const (
	maxKeptBytes   = 2 * maxRequest
	maxKeptEntries = 1 << 16
	maxKeptPairs   = 1 << 12
)

// reset makes the batch ready for the next chunk, without any reference to the
// last. It returns false if the batch has grown too large to be kept.
func (b *batch) reset() bool {
	b.fields.forget()
	clear(b.fixed[:])
	b.arena, b.entries = b.arena[:0], b.entries[:0]
	return cap(b.arena)+cap(b.body)+cap(b.scratch) <= maxKeptBytes &&
		cap(b.entries) <= maxKeptEntries && cap(b.fields.pairs) <= maxKeptPairs
}
