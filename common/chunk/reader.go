package chunk

import (
	"encoding/binary"
	"errors"
)

// Rules that the shape of an event can break. What Fluent Bit writes is
// [timestamp, body] or [[timestamp, metadata], body].
var (
	errEvent    = errors.New("an event must be an array of two: header and body")
	errHeader   = errors.New("an event's header must be an array of two: timestamp and metadata")
	errMetadata = errors.New("an event's metadata must be a map")
	errBody     = errors.New("an event's body must be a map")
)

// Event is one record of a chunk.
type Event struct {
	// Time is in Unix nanoseconds.
	Time int64
	// Metadata is a msgpack map, empty where the event has none.
	Metadata []byte
	// Body is a msgpack map.
	Body []byte
	// GroupMetadata and GroupBody are the two maps of the marker that opened
	// the group which the record belongs to, nil outside of groups. In a group
	// of OTLP records they are
	//
	//	{"schema": "otlp", "resource_id": 0, "scope_id": 0}
	//	{"resource": {"attributes": {…}}, "scope": {"name": …, "version": …, "attributes": {…}}}
	GroupMetadata, GroupBody []byte
}

// Reader reads the events of a chunk, front to back:
//
//	r := chunk.NewReader(b)
//	for {
//		for r.Next(&event) {
//			…
//		}
//		if r.Err() == nil {
//			break
//		}
//		… count what is lost …
//		if !r.Resume() {
//			break
//		}
//	}
//
// The events that Next returned before an error are good.
type Reader struct {
	b   []byte
	at  int
	err *EventError

	groupMetadata, groupBody []byte

	walk Walk
}

// Walk reads a map, and returns how many bytes of b it takes. It returns 0 for
// what it does not read, which need not be wrong.
type Walk func(b []byte) (size int)

// NewReader returns a Reader of b, which must not change while it is used.
func NewReader(b []byte) Reader { return Reader{b: b} }

// Walk has walk step over the bodies of records, for who reads the whole of each
// anyway: the reader steps only over those for which it returns 0, and calls what
// is wrong with them by its name. The event of a body comes next.
func (r *Reader) Walk(walk Walk) { r.walk = walk }

// Next reads the next record into ev. It returns false at the end of the chunk
// and at an event that cannot be read: see Err.
//
// The markers around a group of records are no records. What the first one
// carries is in each event up to the second.
func (r *Reader) Next(ev *Event) bool {
	for r.err == nil && r.at < len(r.b) {
		is, err := r.read(ev)
		if err != nil {
			return false
		}
		switch is {
		case groupStart:
			r.groupMetadata, r.groupBody = ev.Metadata, ev.Body
		case groupEnd:
			r.leaveGroup()
		default:
			ev.GroupMetadata, ev.GroupBody = r.groupMetadata, r.groupBody
			return true
		}
	}
	return false
}

// Err returns what is wrong with the event at which Next stopped, nil at the
// end of the chunk. It is an *EventError.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// Resume steps over the event that Err complains about. It returns false where
// that is impossible, because the bytes there are no msgpack or end too early:
// nothing tells where the next event would start.
func (r *Reader) Resume() bool {
	if r.err == nil {
		return true
	}
	end, err := skip(r.b, r.err.Event)
	if err != nil {
		return false
	}
	r.at, r.err = end, nil
	return true
}

// Offset returns how many bytes of the chunk were read, up to the end of the
// last good event.
func (r *Reader) Offset() int { return r.at }

func (r *Reader) leaveGroup() { r.groupMetadata, r.groupBody = nil, nil }

// read reads one event or marker and moves on, or leaves an error.
func (r *Reader) read(ev *Event) (marker, error) {
	time, is, end, inHeader, err := r.readHeader()
	if err != nil {
		return record, err
	}
	if is != record {
		// Even if the marker turns out to be broken, the records behind it
		// are not of the group before it: they would get its attributes.
		r.leaveGroup()
	}
	ev.Metadata = nil
	if inHeader {
		if end, err = r.readMap(end, &ev.Metadata, errMetadata); err != nil {
			return record, err
		}
	}
	ev.Time = time
	if is == record && r.walk != nil {
		if size := r.walk(r.b[end:]); size > 0 {
			r.at = end + size
			ev.Body = r.b[end:r.at:r.at]
			return record, nil
		}
	}
	if end, err = r.readMap(end, &ev.Body, errBody); err != nil {
		return record, err
	}
	r.at = end
	return is, nil
}

// usualHeader is what an event starts with in nearly all chunks, [[event time, …], …],
// as in AppendEventHeader.
const usualHeader, usualSize = 0x9292d700, 12

// readHeader reads an event up to the end of its timestamp. inHeader tells that its
// metadata follows.
func (r *Reader) readHeader() (time int64, is marker, end int, inHeader bool, err error) {
	if b := r.b[r.at:]; len(b) >= usualSize && binary.BigEndian.Uint32(b) == usualHeader {
		seconds, nanos := binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
		if seconds <= maxEventSeconds && nanos < nanosPerSecond {
			return int64(seconds)*nanosPerSecond + int64(nanos), record, r.at + usualSize, true, nil
		}
	}
	n, rest, err := ReadArrayHeader(r.b[r.at:])
	if err != nil || n != 2 {
		return 0, record, 0, false, r.fail(r.at, err, errEvent)
	}
	header := len(r.b) - len(rest)
	inHeader = KindOf(rest) == Array
	if inHeader {
		n, rest, err = ReadArrayHeader(rest)
		if err != nil || n != 2 {
			return 0, record, 0, false, r.fail(header, err, errHeader)
		}
	}
	timeAt := len(r.b) - len(rest)
	if end, err = skip(r.b, timeAt); err != nil {
		return 0, record, 0, false, r.fail(end, err, nil)
	}
	if time, is, err = parseTime(r.b[timeAt:end]); err != nil {
		return 0, record, 0, false, r.fail(timeAt, nil, err)
	}
	return time, is, end, inHeader, nil
}

// readMap reads the map that starts at into dst, and returns its end.
func (r *Reader) readMap(at int, dst *[]byte, rule error) (int, error) {
	end, err := skip(r.b, at)
	if err != nil {
		return 0, r.fail(end, err, nil)
	}
	if KindOf(r.b[at:end]) != Map {
		return 0, r.fail(at, nil, rule)
	}
	*dst = r.b[at:end:end]
	return end, nil
}

// fail keeps why the event that starts at r.at cannot be read: what is wrong
// with the msgpack, else the rule that the event breaks.
func (r *Reader) fail(offset int, err, rule error) error {
	if err == nil || rule != nil && errors.As(err, new(KindError)) {
		err = rule
	}
	r.err = &EventError{Event: r.at, Offset: offset, Err: err}
	return r.err
}
