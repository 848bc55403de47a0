package jsontext

import (
	"encoding/binary"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// Extension types that are timestamps.
const (
	// eventTime is the forward protocol's: 32 bits of seconds, 32 of
	// nanoseconds.
	eventTime = 0
	// msgpackTime is the msgpack specification's, in three sizes.
	msgpackTime = -1
)

func appendExt(dst, b []byte) (out, rest []byte, err error) {
	typ, data, rest, err := chunk.ReadExtZC(b)
	if err != nil {
		return dst, b, err
	}
	if seconds, nanos, ok := extTime(typ, data); ok {
		dst = append(dst, '"')
		dst = time.Unix(seconds, nanos).UTC().AppendFormat(dst, time.RFC3339Nano)
		return append(dst, '"'), rest, nil
	}
	dst = append(dst, `{"ext":`...)
	dst = strconv.AppendInt(dst, int64(typ), 10)
	dst = append(dst, `,"hex":"`...)
	for _, c := range data {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&0x0f])
	}
	return append(dst, `"}`...), rest, nil
}

// maxTime is the end of the year 9999, the last that RFC 3339 can write;
// minTime the start of the year 0.
const (
	minTime = -62167219200
	maxTime = 253402300799
)

// extTime reads a timestamp extension. What has its type but cannot be one is
// written as any other extension.
func extTime(typ int8, data []byte) (seconds, nanos int64, ok bool) {
	switch {
	case typ == eventTime && len(data) == 8:
		seconds = int64(binary.BigEndian.Uint32(data))
		nanos = int64(binary.BigEndian.Uint32(data[4:]))
	case typ == msgpackTime && len(data) == 4:
		seconds = int64(binary.BigEndian.Uint32(data))
	case typ == msgpackTime && len(data) == 8:
		both := binary.BigEndian.Uint64(data)
		seconds, nanos = int64(both&(1<<34-1)), int64(both>>34)
	case typ == msgpackTime && len(data) == 12:
		nanos = int64(binary.BigEndian.Uint32(data))
		seconds = int64(binary.BigEndian.Uint64(data[4:]))
	default:
		return 0, 0, false
	}
	return seconds, nanos, nanos < 1e9 && seconds >= minTime && seconds <= maxTime
}
