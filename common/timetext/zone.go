package timetext

import (
	"errors"
	"time"
	_ "time/tzdata" // the agent's image may have no zones: it brings 450 KB
)

// Zone reads a time zone: a name of the IANA database, such as Europe/Berlin,
// or an offset from UTC, such as +02:00. Its error is a rule: `must …`.
func Zone(text string) (*time.Location, error) {
	if text != "" && (text[0] == '+' || text[0] == '-') {
		p := parser{rest: []byte(text)}
		if !p.zone() || len(p.rest) > 0 {
			return nil, errors.New("must be an offset such as +02:00")
		}
		return time.FixedZone(text, p.offset), nil
	}
	zone, err := time.LoadLocation(text)
	if err != nil {
		return nil, errors.New("must be the name of a time zone such as Europe/Berlin, or an offset such as +02:00")
	}
	return zone, nil
}

// zone reads an offset in one of the forms of ISO 8601, or the name of UTC.
func (p *parser) zone() bool {
	p.has |= hasOffset
	negative := len(p.rest) > 0 && p.rest[0] == '-'
	if !p.takeOne('+', '-') {
		return p.take('Z') || p.take('z') || p.word("utc") || p.word("gmt") || p.word("ut")
	}
	hours, ok := p.number(2, 2)
	if !ok || hours > 14 {
		return false
	}
	minutes := 0
	if p.take(':') || len(p.rest) > 0 && p.rest[0]-'0' < 10 {
		if minutes, ok = p.number(2, 2); !ok || minutes > 59 {
			return false
		}
	}
	p.offset = hours*3600 + minutes*60
	if negative {
		p.offset = -p.offset
	}
	return true
}

// zones are the names that mean one offset wherever they are used, in hours.
// The longer of two that start alike stands first.
var zones = [...]struct {
	name  string
	hours int
}{
	{"utc", 0}, {"ut", 0}, {"gmt", 0},
	{"est", -5}, {"edt", -4}, {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7},
	{"west", 1}, {"wet", 0}, {"cest", 2}, {"cet", 1}, {"eest", 3}, {"eet", 2}, {"jst", 9}, {"z", 0},
}

func (p *parser) zoneName() bool {
	for _, z := range zones {
		if p.word(z.name) {
			p.has |= hasOffset
			p.offset = z.hours * 3600
			return true
		}
	}
	return false
}
