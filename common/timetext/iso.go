package timetext

// rfc3339 reads a date, a time and a zone, with a fraction or without:
// 2026-11-20T10:00:00.123Z. A space may stand for the T, and a comma for the
// point.
func (p *parser) rfc3339() bool {
	const shape = "2026-11-20T10:00:00"
	if len(p.rest) <= len(shape) || p.rest[4] != '-' || p.rest[13] != ':' || p.rest[16] != ':' {
		return false
	}
	return p.isoDate() && (p.takeOne('T', 't') || p.take(' ')) && p.isoClock() && p.zone()
}

// iso reads what ISO 8601 adds to that: no zone, no seconds, no time at
// all, a comma before the fraction, and the basic form 20261120T100000Z.
func (p *parser) iso() bool {
	if !p.isoDate() {
		return false
	}
	if len(p.rest) == 0 {
		return true
	}
	if !p.takeOne('T', 't') && !p.take(' ') || !p.isoClock() {
		return false
	}
	return len(p.rest) == 0 || p.zone()
}

// isoDate reads 2026-11-20 or 20261120.
func (p *parser) isoDate() (ok bool) {
	p.has |= hasYear | hasMonth | hasDay
	if p.year, ok = p.number(4, 4); !ok {
		return false
	}
	extended := p.take('-')
	return p.two(&p.month, 1, 12) && extended == p.take('-') && p.two(&p.day, 1, 31)
}

// isoClock reads 10:00, 10:00:00, 10:00:00.123, or the same without colons.
func (p *parser) isoClock() bool {
	if !p.two(&p.hour, 0, 23) {
		return false
	}
	extended := p.take(':')
	if !p.two(&p.minute, 0, 59) {
		return false
	}
	if extended && !p.take(':') || !extended && (len(p.rest) == 0 || p.rest[0]-'0' >= 10) {
		return true
	}
	return p.two(&p.second, 0, 60) && (!p.takeOne('.', ',') || p.fraction())
}

// two reads a number of two digits within limits.
func (p *parser) two(dst *int, low, high int) bool {
	n, ok := p.number(2, 2)
	*dst = n
	return ok && n >= low && n <= high
}
