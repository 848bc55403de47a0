package inkafka

import (
	"math"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/timetext"
)

// moment is the time of an event: seconds since 1970 in the 32 bits that an
// event has for them, and nanoseconds.
type moment struct {
	seconds, nanos uint32
}

// lastSecond is in 2106. The two behind it mark groups of records.
const lastSecond = math.MaxUint32 - 2

// momentOf also reports whether a time can be that of an event. One before 1970
// is a clock that was never set, or the zero of a language.
func momentOf(t time.Time) (moment, bool) {
	s := t.Unix()
	return moment{uint32(s), uint32(t.Nanosecond())}, s > 0 && s <= lastSecond
}

// momentOfMillis takes any time since 1970, and the last one for one that is
// later.
func momentOfMillis(ms int64) moment {
	if ms/1000 > lastSecond {
		return moment{lastSecond, 999_999_999}
	}
	return moment{uint32(ms / 1000), uint32(ms%1000) * 1e6}
}

func (m moment) millis() int64 { return int64(m.seconds)*1000 + int64(m.nanos/1e6) }

func (m moment) time() time.Time { return time.Unix(int64(m.seconds), int64(m.nanos)) }

// fieldTime finds an event's time in the payload.
type fieldTime struct {
	key    *accessor.Accessor // nil: the time is not from a field
	format *timetext.Format

	scratch []byte
	event   chunk.Event // to look up in; its other fields stay empty
}

func newFieldTime(c *recordConfig) (f fieldTime, err error) {
	if c.TimestampFrom != timeOfField {
		return f, nil
	}
	zone, err := timetext.Zone(c.TimeZone)
	if err != nil {
		return f, err
	}
	if f.format, err = timetext.Compile(c.TimeFormat, zone); err != nil {
		return f, err
	}
	f.key, err = timeKey(c.TimeKey)
	return f, err
}

// Reasons for a field's time that was not taken.
const (
	reasonNoTime    = "the payload has no time_key"
	reasonNotFormat = "time_key is no time of time_format"
)

// read reads the time of a payload, at the moment near. Else it returns why
// there is none.
func (f *fieldTime) read(payload []byte, near moment) (m moment, reason string) {
	f.event.Body = payload
	value, ok := f.key.Lookup(&f.event)
	f.event.Body = nil
	if !ok {
		return m, reasonNoTime
	}
	text, ok := f.text(value)
	if !ok {
		return m, reasonNotFormat
	}
	t, ok := f.format.Parse(text, near.time())
	if ok {
		m, ok = momentOf(t)
	}
	if !ok {
		return m, reasonNotFormat
	}
	return m, ""
}

// text returns a value as the text that a format reads: a number's are its
// digits, those of a float as few as tell it from all others.
func (f *fieldTime) text(value []byte) (text []byte, ok bool) {
	var err error
	switch chunk.KindOf(value) {
	case chunk.String, chunk.Bin:
		text, _, err = chunk.ReadKeyZC(value)
		return text, err == nil
	case chunk.Uint:
		var n uint64
		n, _, err = chunk.ReadUint(value)
		f.scratch = strconv.AppendUint(f.scratch[:0], n, 10)
	case chunk.Int:
		var n int64
		n, _, err = chunk.ReadInt(value)
		f.scratch = strconv.AppendInt(f.scratch[:0], n, 10)
	case chunk.Float:
		var n float64
		var size int
		n, size, _, err = chunk.ReadFloat(value)
		f.scratch = strconv.AppendFloat(f.scratch[:0], n, 'f', -1, size)
	default:
		return nil, false
	}
	return f.scratch, err == nil
}
