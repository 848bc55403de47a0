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

// Fluent Bit marks the start and the end of a group by an event time of -1 and
// -2 seconds. In its 32 unsigned bits these are the two largest values.
//
// Numbers are never markers: nothing writes such, and a record that claims to
// be from 1969 must be seen to be rejected instead of passing for a marker.
const (
	groupStartSeconds = math.MaxUint32
	groupEndSeconds   = math.MaxUint32 - 1
)

const nanosPerSecond = 1_000_000_000

// maxSeconds keeps Unix nanoseconds within an int64.
const maxSeconds = math.MaxInt64/nanosPerSecond - 1

// parseTime reads a timestamp, given as one whole value, into Unix
// nanoseconds.
func parseTime(b []byte) (int64, marker, error) {
	var time int64
	var err error
	switch KindOf(b) {
	case Ext:
		return parseEventTime(b)
	case Uint:
		var seconds uint64
		if seconds, _, err = ReadUint(b); err != nil || seconds > maxSeconds {
			return 0, record, errTimeRange
		}
		time = int64(seconds) * nanosPerSecond
	case Int:
		var seconds int64
		if seconds, _, err = ReadInt(b); err != nil || seconds < 0 || seconds > maxSeconds {
			return 0, record, errTimeRange
		}
		time = seconds * nanosPerSecond
	case Float:
		time, err = parseFloatTime(b)
	default:
		err = errTimeKind
	}
	return time, record, err
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
	switch {
	case nanos >= nanosPerSecond:
		return 0, record, errTimeNanos
	case seconds == groupStartSeconds && nanos == 0:
		return 0, groupStart, nil
	case seconds == groupEndSeconds && nanos == 0:
		return 0, groupEnd, nil
	default:
		return int64(seconds)*nanosPerSecond + int64(nanos), record, nil
	}
}

func parseFloatTime(b []byte) (int64, error) {
	f, _, _, err := ReadFloat(b)
	if err != nil {
		return 0, err
	}
	// Written so that NaN fails too.
	if !(f >= 0 && f < maxSeconds) {
		return 0, errTimeRange
	}
	seconds, fraction := math.Modf(f)
	return int64(seconds)*nanosPerSecond + int64(fraction*nanosPerSecond), nil
}
