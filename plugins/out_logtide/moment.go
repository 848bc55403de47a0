package outlogtide

import (
	"strconv"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// appendTime appends the time of the log in UTC: the record's own where it has
// one that says its zone, else the event's.
func (b *batch) appendTime(dst []byte, event int64) []byte {
	at := time.Unix(0, event)
	b.fields.each(logTime, b.plan, func(value []byte, is name) (bool, bool) {
		read := b.readISO
		if is == nameRealtime {
			read = b.readMicroseconds
		}
		found, ok := read(value)
		if ok {
			at = found
		}
		return ok, true
	})
	return at.UTC().AppendFormat(dst, time.RFC3339Nano)
}

// The times that are taken from a record. A time before 1970 is more often a
// clock that was never set, or the zero of a language, than a log's; behind the
// year 9999 the format ends.
const (
	minSeconds = 0
	maxSeconds = 253402300799
)

func plausible(t time.Time) bool { return t.Unix() > minSeconds && t.Unix() <= maxSeconds }

// isoLength is that of a date and time to the second, the fixed part.
const isoLength = len("2026-11-20T12:00:00")

// readISO reads ISO 8601 in its extended form, down to the second and with a
// zone. A space may stand for the T and a comma for the point, and the zone may
// be +hh:mm, +hhmm, +hh or Z.
func (b *batch) readISO(value []byte) (t time.Time, ok bool) {
	if kind := chunk.KindOf(value); kind != chunk.String && kind != chunk.Bin {
		return t, false
	}
	text, _, err := chunk.ReadKeyZC(value)
	if err != nil {
		return t, false
	}
	text = trim(text)
	// Nine digits and a zone are 16 more; who writes finer is cut off by none
	// of the formats that are in use.
	if len(text) <= isoLength || len(text) > isoLength+24 {
		return t, false
	}
	// UnmarshalText takes RFC 3339 only, of which these are the differences.
	b.scratch = append(b.scratch[:0], text...)
	iso := b.scratch
	if iso[10] == ' ' || iso[10] == 't' {
		iso[10] = 'T'
	}
	if iso[isoLength] == ',' {
		iso[isoLength] = '.'
	}
	last := len(iso) - 1
	switch {
	case iso[last] == 'z':
		iso[last] = 'Z'
	case iso[last] == 'Z' || len(iso) < isoLength+3:
	case isSign(iso[last-2]):
		iso = append(iso, ":00"...)
	case len(iso) >= isoLength+5 && isSign(iso[last-4]):
		iso = append(iso, iso[last])
		iso[last+1], iso[last], iso[last-1] = iso[last], iso[last-1], ':'
	}
	b.scratch = iso
	if err := t.UnmarshalText(iso); err != nil {
		return t, false
	}
	return t, plausible(t)
}

func isSign(c byte) bool { return c == '+' || c == '-' }

// readMicroseconds reads the journal's clock: microseconds since 1970, a number
// or its digits.
func (b *batch) readMicroseconds(value []byte) (t time.Time, ok bool) {
	var text []byte
	if text, b.scratch, ok = textOf(b.scratch, value); !ok {
		return t, false
	}
	if text = trim(text); len(text) > 18 {
		return t, false
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return t, false
	}
	t = time.UnixMicro(n)
	return t, plausible(t)
}
