package timetext

// steps reads a text of a format of directives.
func (p *parser) steps(steps []step) bool {
	for _, s := range steps {
		switch s.directive {
		case 0:
			if !p.take(s.literal) {
				return false
			}
		case space:
			p.spaces()
		default:
			if !p.date(s.directive) && !p.clock(s.directive) {
				return false
			}
		}
	}
	// What a format without a zone most often leaves behind is the Z of UTC.
	if p.has&hasOffset == 0 && p.take('Z') {
		p.has |= hasOffset
	}
	return true
}

// date reads a part of the date.
func (p *parser) date(directive byte) (ok bool) {
	is := bits(0)
	switch directive {
	case 'Y':
		is = hasYear
		p.year, ok = p.number(1, 4)
	case 'y':
		// The century of POSIX: 69 is 1969, 68 is 2068.
		is = hasYear
		ok = p.between(&p.year, 0, 99)
		if p.year += 1900; p.year < 1969 {
			p.year += 100
		}
	case 'm':
		is = hasMonth
		ok = p.between(&p.month, 1, 12)
	case 'b':
		is = hasMonth
		p.month, ok = p.name(months[:])
	case 'd':
		is = hasDay
		p.spaces()
		ok = p.between(&p.day, 1, 31)
	case 'j':
		is = hasYearDay
		ok = p.between(&p.yearDay, 1, 366)
	case 'a':
		_, ok = p.name(days[:])
	}
	p.has |= is
	return ok
}

// clock reads a part of the time of day, or a zone.
func (p *parser) clock(directive byte) (ok bool) {
	switch directive {
	case 'H':
		p.spaces()
		return p.between(&p.hour, 0, 23)
	case 'I':
		p.spaces()
		return p.between(&p.hour, 1, 12)
	case 'M':
		return p.between(&p.minute, 0, 59)
	case 'S':
		return p.between(&p.second, 0, 60) // 60 is a leap second
	case 'p':
		half, ok := p.name(halves[:])
		p.afternoon = half == 2
		p.has |= hasHalf
		return ok
	case 'L':
		return p.fraction()
	case 'z':
		p.spaces()
		return p.zone()
	case 'Z':
		return p.zoneName()
	case 's':
		p.has |= hasEpoch
		return p.seconds()
	}
	return false
}

// maxDigits bounds the seconds since 1970: more would not fit 64 bits in
// nanoseconds.
const maxDigits = 10

func (p *parser) seconds() bool {
	n, ok := p.number(1, maxDigits)
	p.epoch = int64(n)
	return ok
}

var (
	months = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
	days   = [...]string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	halves = [...]string{"am", "pm"}
)

// name reads a name of a list, whole or its first three letters, and returns
// which it was, from 1.
func (p *parser) name(list []string) (int, bool) {
	for i, name := range list {
		if p.word(name) || len(name) > 3 && p.word(name[:3]) {
			return i + 1, true
		}
	}
	return 0, false
}

// word steps over a word, which is given in small letters.
func (p *parser) word(word string) bool {
	if len(p.rest) < len(word) {
		return false
	}
	for i := range len(word) {
		if p.rest[i]|0x20 != word[i] {
			return false
		}
	}
	p.rest = p.rest[len(word):]
	return true
}
