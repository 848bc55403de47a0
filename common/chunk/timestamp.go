package chunk

import (
	"encoding/binary"
	"errors"
	"math"
)

// Rules that an event's timestamp can break.
var (
	errTimeKind  = errors.New("the timestamp is no number and no event time (ext type 0 of 8 bytes)")
	errTimeNanos = errors.New("the event time has 1,000,000,000 nanoseconds or more")
	errTimeRange = errors.New("the timestamp is before 1970 or after 2262")
)

// marker tells records from the two that frame a group.
type marker uint8

const (
	record marker = iota
	groupStart
	groupEnd
)

// Fluent Bit marks the start and the end of a group by -1 and -2 seconds. In
// the 32 unsigned bits of an event time these are the two largest values.
const (
	groupStartSeconds = -1
	groupEndSeconds   = -2
)

// maxSeconds keeps Unix nanoseconds within an int64.
const maxSeconds = math.MaxInt64/1_000_000_000 - 1

// parseTime reads a timestamp, given as one whole value, into Unix
// nanoseconds.
func parseTime(b []byte) (int64, marker, error) {
	switch KindOf(b) {
	case Ext:
		return parseEventTime(b)
	case Uint:
		seconds, _, err := ReadUint(b)
		if err != nil || seconds > maxSeconds {
			return 0, record, errTimeRange
		}
		return unixNano(int64(seconds), 0)
	case Int:
		seconds, _, err := ReadInt(b)
		if err != nil {
			return 0, record, err
		}
		return unixNano(seconds, 0)
	case Float:
		return parseFloatTime(b)
	default:
		return 0, record, errTimeKind
	}
}

// parseEventTime reads the extension that Fluent Bit and the forward protocol
// use: seconds and nanoseconds, 32 bits each, big endian.
func parseEventTime(b []byte) (int64, marker, error) {
	typ, data, _, err := ReadExtZC(b)
	if err != nil {
		return 0, record, err
	}
	if typ != 0 || len(data) != 8 {
		return 0, record, errTimeKind
	}
	seconds, nanos := binary.BigEndian.Uint32(data), binary.BigEndian.Uint32(data[4:])
	if signed := int64(int32(seconds)); nanos == 0 && (signed == groupStartSeconds || signed == groupEndSeconds) {
		return unixNano(signed, 0)
	}
	if nanos >= 1_000_000_000 {
		return 0, record, errTimeNanos
	}
	return unixNano(int64(seconds), int64(nanos))
}

func parseFloatTime(b []byte) (int64, marker, error) {
	f, _, _, err := ReadFloat(b)
	if err != nil {
		return 0, record, err
	}
	// Written so that NaN fails too.
	if !(f > -3 && f < maxSeconds) {
		return 0, record, errTimeRange
	}
	seconds, fraction := math.Modf(f)
	if fraction < 0 {
		return 0, record, errTimeRange
	}
	return unixNano(int64(seconds), int64(fraction*1e9))
}

// unixNano puts seconds and nanoseconds together and picks the markers out.
func unixNano(seconds, nanos int64) (int64, marker, error) {
	switch {
	case seconds == groupStartSeconds:
		return 0, groupStart, nil
	case seconds == groupEndSeconds:
		return 0, groupEnd, nil
	case seconds < 0 || seconds > maxSeconds:
		return 0, record, errTimeRange
	default:
		return seconds*1_000_000_000 + nanos, record, nil
	}
}
