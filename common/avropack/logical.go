package avropack

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// logical reads a value of a logical type and appends its text.
func (t *Transcoder) logical(n *node) error {
	switch n.kind {
	case kindDate:
		days, err := t.readInt()
		if err != nil {
			return err
		}
		t.appendDay(days)
	case kindTimeMillis:
		v, err := t.readInt()
		if err != nil {
			return err
		}
		t.appendTimeOfDay(v, time.Millisecond)
	case kindTimeMicros:
		v, err := t.readLong()
		if err != nil {
			return err
		}
		t.appendTimeOfDay(v, time.Microsecond)
	case kindTimestamp, kindLocalTimestamp:
		v, err := t.readLong()
		if err != nil {
			return err
		}
		t.appendTimestamp(v, n)
	case kindDecimal:
		data, err := t.readBytes()
		if err != nil {
			return err
		}
		return t.appendDecimal(data, n.scale)
	default:
		data, err := t.take(n.size)
		if err != nil {
			return err
		}
		return t.fixedLogical(n, data)
	}
	return nil
}

// fixedLogical appends a value of a logical type that a fixed carries.
func (t *Transcoder) fixedLogical(n *node, data []byte) error {
	switch n.kind {
	case kindFixedDecimal:
		return t.appendDecimal(data, n.scale)
	case kindUUID:
		t.appendUUID(data)
	default:
		t.appendDuration(data)
	}
	return nil
}

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

// appendUUID appends 16 bytes in RFC 9562's groups.
func (t *Transcoder) appendUUID(data []byte) {
	var room [36]byte
	text := room[:0]
	for i, end := range []int{4, 6, 8, 10, 16} {
		start := []int{0, 4, 6, 8, 10}[i]
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, data[start:end])
	}
	t.dst = chunk.AppendString(t.dst, text)
}

// appendDuration appends months, days and milliseconds, 32 bits each from the
// lowest byte, in the form of ISO 8601.
func (t *Transcoder) appendDuration(data []byte) {
	months := binary.LittleEndian.Uint32(data)
	days := binary.LittleEndian.Uint32(data[4:])
	millis := binary.LittleEndian.Uint32(data[8:])
	var room [48]byte
	text := append(room[:0], 'P')
	if months > 0 {
		text = append(strconv.AppendUint(text, uint64(months), 10), 'M')
	}
	if days > 0 {
		text = append(strconv.AppendUint(text, uint64(days), 10), 'D')
	}
	if millis > 0 || len(text) == 1 {
		text = strconv.AppendUint(append(text, 'T'), uint64(millis/1000), 10)
		if rest := millis % 1000; rest > 0 {
			text = appendDigits(append(text, '.'), int64(rest), 3)
		}
		text = append(text, 'S')
	}
	t.dst = chunk.AppendString(t.dst, text)
}
