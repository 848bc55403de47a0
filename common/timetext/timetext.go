// Package timetext reads a time from text, by a format of strptime as Fluent
// Bit's parsers take it, or by a name for one:
//
//	%Y-%m-%dT%H:%M:%S.%L%z   2026-11-20T10:00:00.123+01:00
//	%b %d %H:%M:%S           Nov 20 10:00:00, of the year that is nearest
//	%s                       1795168800
//	rfc3339, iso8601         with a zone; with one or without
//	unix, unix_ms, unix_us, unix_ns
//
// The directives: %Y %y %m %b %B %h %d %e %j (the date), %H %k %I %l %M %S %p
// (the time of day), %L %f %N (the digits of a fraction of a second, any
// number), %z (+hh:mm, +hhmm, +hh, Z, UTC, GMT), %Z (the name of a zone that
// stands for one offset wherever it is used), %s (seconds since 1970), %a %A
// (the name of a day, which is not checked), %F %T %D %R (%Y-%m-%d, %H:%M:%S,
// %m/%d/%y, %H:%M), %n %t (white space), %%. Names are English, in any case.
// White space in a format is any amount of it in the text.
//
// Unlike Fluent Bit's parsers it takes no text with something behind the time,
// which could be the zone: only a Z, which is then the zone.
//
// Nothing here allocates once a Format is made, and a Format is safe for
// concurrent use.
package timetext

import "time"

// Format is how a time is written.
type Format struct {
	text  string
	kind  kind
	unit  int64  // of kindUnix, in nanoseconds
	steps []step // of kindSteps
	zone  *time.Location
}

type kind uint8

const (
	kindSteps kind = iota
	kindRFC3339
	kindISO
	kindUnix
)

// names are the formats that have one.
var names = map[string]Format{
	"rfc3339": {kind: kindRFC3339},
	"iso8601": {kind: kindISO},
	"unix":    {kind: kindUnix, unit: 1e9},
	"unix_ms": {kind: kindUnix, unit: 1e6},
	"unix_us": {kind: kindUnix, unit: 1e3},
	"unix_ns": {kind: kindUnix, unit: 1},
}

// Compile reads a format. Texts that do not tell their zone are in zone. The
// error is a rule in words that follow the format: `must …`.
func Compile(text string, zone *time.Location) (*Format, error) {
	f, named := names[text]
	if !named {
		steps, err := compile(text)
		if err != nil {
			return nil, err
		}
		f = Format{steps: steps}
	}
	f.text, f.zone = text, zone
	return &f, nil
}

// String returns the format as it was given.
func (f *Format) String() string { return f.text }

// Parse reads a time. What the text leaves out of the date is that of the
// moment near: without a year the date is the one that is nearest to it.
//
// It returns false for a text that is not of the format, or names no date of
// the calendar.
func (f *Format) Parse(text []byte, near time.Time) (time.Time, bool) {
	p := parser{rest: text, near: near}
	if !f.read(&p) || len(p.rest) > 0 {
		return time.Time{}, false
	}
	return p.time(f.zone)
}

// read is a switch and no table of methods: called through one of those, the
// parser would be on the heap.
func (f *Format) read(p *parser) bool {
	switch f.kind {
	case kindRFC3339:
		return p.rfc3339()
	case kindISO:
		return p.iso()
	case kindUnix:
		return p.unix(f.unit)
	default:
		return p.steps(f.steps)
	}
}
