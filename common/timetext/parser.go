package timetext

import "time"

// parser reads one text. What has been read is in the fields whose bit is in
// has.
type parser struct {
	rest []byte
	near time.Time

	year, month, day, yearDay int
	hour, minute, second      int
	nanos                     int64
	afternoon                 bool
	offset                    int   // east of UTC, in seconds
	epoch                     int64 // seconds since 1970
	has                       bits
}

type bits uint16

const (
	hasYear bits = 1 << iota
	hasMonth
	hasDay
	hasYearDay
	hasOffset
	hasEpoch
	hasHalf // am or pm
)

// time makes a time of what was read. Texts without a zone are in zone.
func (p *parser) time(zone *time.Location) (time.Time, bool) {
	if p.has&hasEpoch != 0 {
		return time.Unix(p.epoch, p.nanos), true
	}
	if p.has&hasHalf != 0 {
		p.hour %= 12
		if p.afternoon {
			p.hour += 12
		}
	}
	if p.has&hasOffset != 0 {
		zone = time.UTC
	}
	near := p.near.Add(time.Duration(p.offset) * time.Second).In(zone)
	if !p.complete(near) {
		return time.Time{}, false
	}
	t := time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, p.second, int(p.nanos), zone)
	return t.Add(-time.Duration(p.offset) * time.Second), true
}

// complete fills what the text left out of the date, and reports whether that
// is a date at all.
func (p *parser) complete(near time.Time) bool {
	switch {
	case p.has&hasYear != 0:
	case p.has&(hasMonth|hasDay|hasYearDay) == 0:
		p.year, p.month, p.day = near.Year(), int(near.Month()), near.Day()
		return true
	default:
		p.year = p.nearestYear(near)
	}
	if p.has&hasYearDay != 0 && p.has&(hasMonth|hasDay) == 0 {
		p.month, p.day = 1, p.yearDay
		return p.yearDay < 366 || p.yearDay == 366 && daysIn(p.year, 2) == 29
	}
	if p.has&hasMonth == 0 {
		p.month = 1
	}
	if p.has&hasDay == 0 {
		p.day = 1
	}
	return p.day <= daysIn(p.year, p.month)
}

// nearestYear is the year in which month and day are nearest to the moment
// near: around New Year that may be the one before or after.
func (p *parser) nearestYear(near time.Time) int {
	month, year := p.month, near.Year()
	if p.has&hasYearDay != 0 && p.has&hasMonth == 0 {
		month = p.yearDay/31 + 1
	}
	switch d := month - int(near.Month()); {
	case p.has&(hasMonth|hasYearDay) == 0:
		return year
	case d > 6:
		return year - 1
	case d < -6:
		return year + 1
	default:
		return year
	}
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// number reads from least to most digits.
func (p *parser) number(least, most int) (n int, ok bool) {
	i := 0
	for ; i < len(p.rest) && i < most && p.rest[i]-'0' < 10; i++ {
		n = n*10 + int(p.rest[i]-'0')
	}
	p.rest = p.rest[i:]
	return n, i >= least
}

// between reads a number of at most two digits (three where the limit has
// three) within limits.
func (p *parser) between(dst *int, low, high int) bool {
	most := 2
	if high > 99 {
		most = 3
	}
	n, ok := p.number(1, most)
	*dst = n
	return ok && n >= low && n <= high
}

// fraction reads the digits of a fraction of a second. Those behind the
// nanoseconds count for nothing.
func (p *parser) fraction() bool {
	i, scale := 0, int64(1e8)
	p.nanos = 0
	for ; i < len(p.rest) && p.rest[i]-'0' < 10; i++ {
		p.nanos += int64(p.rest[i]-'0') * scale
		scale /= 10
	}
	p.rest = p.rest[i:]
	return i > 0
}

// take steps over c, if that comes next.
func (p *parser) take(c byte) bool {
	if len(p.rest) > 0 && p.rest[0] == c {
		p.rest = p.rest[1:]
		return true
	}
	return false
}

func (p *parser) takeOne(either, or byte) bool { return p.take(either) || p.take(or) }

func (p *parser) spaces() {
	for len(p.rest) > 0 && (p.rest[0] == ' ' || p.rest[0]-'\t' < 5) {
		p.rest = p.rest[1:]
	}
}
