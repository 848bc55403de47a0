package avropack

import (
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

const (
	daySeconds = 24 * 60 * 60
	// Days since 1970 that RFC 3339 has years of four digits for.
	firstDay = -719528 // 0000-01-01
	lastDay  = 2932896 // 9999-12-31
)

func (t *Transcoder) appendDay(days int64) {
	if days < firstDay || days > lastDay {
		t.dst = chunk.AppendInt(t.dst, days)
		return
	}
	var text [10]byte
	t.dst = chunk.AppendString(t.dst, appendDate(text[:0], days))
}

func (t *Transcoder) appendTimeOfDay(v int64, unit time.Duration) {
	if perDay := int64(24 * time.Hour / unit); v < 0 || v >= perDay {
		t.dst = chunk.AppendInt(t.dst, v)
		return
	}
	var text [20]byte
	t.dst = chunk.AppendString(t.dst, appendClock(text[:0], time.Duration(v)*unit, unit))
}

func (t *Transcoder) appendTimestamp(v int64, n *node) {
	perSecond := int64(time.Second / n.unit)
	seconds, rest := floorDiv(v, perSecond)
	days, second := floorDiv(seconds, daySeconds)
	if days < firstDay || days > lastDay {
		t.dst = chunk.AppendInt(t.dst, v)
		return
	}
	var room [32]byte
	text := append(appendDate(room[:0], days), 'T')
	text = appendClock(text, time.Duration(second)*time.Second+time.Duration(rest)*n.unit, n.unit)
	if n.kind == kindTimestamp {
		text = append(text, 'Z')
	}
	t.dst = chunk.AppendString(t.dst, text)
}

func floorDiv(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		quotient, rest = quotient-1, rest+b
	}
	return quotient, rest
}

// appendDate appends the date of a day since 1970, in the Gregorian calendar
// before its time too. It counts in years that start in March, so that the leap
// day is their last, and eras of 400 of them, which all have as many days.
func appendDate(dst []byte, days int64) []byte {
	const eraDays = 146097
	era, day := floorDiv(days+719468, eraDays) // since 0000-03-01
	year := (day - day/1460 + day/36524 - day/(eraDays-1)) / 365
	day -= 365*year + year/4 - year/100
	month := (5*day + 2) / 153
	day -= (153*month + 2) / 5
	year += 400 * era
	if month += 3; month > 12 {
		month -= 12
		year++
	}
	dst = appendDigits(dst, year, 4)
	dst = appendDigits(append(dst, '-'), month, 2)
	return appendDigits(append(dst, '-'), day+1, 2)
}

// appendClock appends a time of day, with as many digits as the unit has.
func appendClock(dst []byte, sinceMidnight, unit time.Duration) []byte {
	seconds := int64(sinceMidnight / time.Second)
	dst = appendDigits(dst, seconds/3600, 2)
	dst = appendDigits(append(dst, ':'), seconds/60%60, 2)
	dst = appendDigits(append(dst, ':'), seconds%60, 2)
	rest := int64(sinceMidnight % time.Second / unit)
	switch unit {
	case time.Millisecond:
		return appendDigits(append(dst, '.'), rest, 3)
	case time.Microsecond:
		return appendDigits(append(dst, '.'), rest, 6)
	default:
		return appendDigits(append(dst, '.'), rest, 9)
	}
}

// appendDigits appends n with leading zeros.
func appendDigits(dst []byte, n int64, width int) []byte {
	start := len(dst)
	dst = append(dst, "000000000"[:width]...)
	for i := start + width - 1; n > 0 && i >= start; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}
