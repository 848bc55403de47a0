package timetext

// unix reads a number of units since 1970, with a fraction or without. A unit
// is so many nanoseconds.
func (p *parser) unix(unit int64) bool {
	const most = 1 << 62
	whole, digits := int64(0), 0
	for ; digits < len(p.rest) && p.rest[digits]-'0' < 10; digits++ {
		if whole > most/10-1 {
			return false
		}
		whole = whole*10 + int64(p.rest[digits]-'0')
	}
	p.rest = p.rest[digits:]
	if digits == 0 || p.take('.') && !p.fraction() {
		return false
	}
	// The fraction was read as one of a second.
	perSecond := int64(1e9) / unit
	p.nanos = whole%perSecond*unit + p.nanos/perSecond
	p.epoch = whole / perSecond
	p.has |= hasEpoch
	return true
}
