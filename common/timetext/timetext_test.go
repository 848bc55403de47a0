package timetext

import (
	"strings"
	"testing"
	"time"
)

// near is the moment that the tests have messages come at.
var near = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func TestParse(t *testing.T) {
	berlin, err := Zone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ format, text, want string }{
		{"rfc3339", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"},
		{"rfc3339", "2026-11-20 10:00:00,123456789123+01:30", "2026-11-20T08:30:00.123456789Z"},
		{"rfc3339", "2026-02-28t23:59:60-00:00", "2026-03-01T00:00:00Z"},
		{"iso8601", "2026-11-20T10:00:00", "2026-11-20T09:00:00Z"},
		{"iso8601", "2026-07-20T10:00", "2026-07-20T08:00:00Z"},
		{"iso8601", "20260720T100000.5Z", "2026-07-20T10:00:00.5Z"},
		{"iso8601", "20260720T1000+02", "2026-07-20T08:00:00Z"},
		{"iso8601", "2026-07-20", "2026-07-19T22:00:00Z"},
		{"unix", "1795168800", "2026-11-20T10:00:00Z"},
		{"unix", "1795168800.123456789", "2026-11-20T10:00:00.123456789Z"},
		{"unix_ms", "1795168800123", "2026-11-20T10:00:00.123Z"},
		{"unix_ms", "1795168800123.4567", "2026-11-20T10:00:00.1234567Z"},
		{"unix_us", "1795168800123456", "2026-11-20T10:00:00.123456Z"},
		{"unix_ns", "1795168800123456789", "2026-11-20T10:00:00.123456789Z"},
		{"%Y-%m-%dT%H:%M:%S.%L%z", "2026-11-20T10:00:00.1+0100", "2026-11-20T09:00:00.1Z"},
		{"%Y-%m-%dT%H:%M:%S.%LZ", "2026-11-20T10:00:00.1Z", "2026-11-20T09:00:00.1Z"},
		{"%Y-%m-%dT%H:%M:%S.%L", "2026-11-20T10:00:00.1Z", "2026-11-20T10:00:00.1Z"},
		{"%FT%T", "2026-11-20T10:00:00", "2026-11-20T09:00:00Z"},
		{"%d/%b/%Y:%H:%M:%S %z", "20/Nov/2026:10:00:00 -0500", "2026-11-20T15:00:00Z"},
		{"%A, %d %B %Y %I:%M:%S %p", "Friday, 20 november 2026 12:00:01 AM", "2026-11-19T23:00:01Z"},
		{"%I:%M %p", "11:30 pm", "2026-11-20T22:30:00Z"},
		{"%b %d %H:%M:%S", "Nov  5 10:00:00", "2026-11-05T09:00:00Z"},
		{"%b %e %T", "Jan 2 10:00:00", "2027-01-02T09:00:00Z"},
		{"%b %e %T", "May 31 10:00:00", "2026-05-31T08:00:00Z"},
		{"%D %R", "07/20/26 10:00", "2026-07-20T08:00:00Z"},
		{"%y%j", "69365", "1969-12-30T23:00:00Z"},
		{"%Y-%j", "2024-366", "2024-12-30T23:00:00Z"},
		{"%s", "1795168800", "2026-11-20T10:00:00Z"},
		{"%s.%L", "1795168800.25", "2026-11-20T10:00:00.25Z"},
		{"%Y-%m-%d %H:%M:%S %Z", "2026-07-20 10:00:00 CEST", "2026-07-20T08:00:00Z"},
		{"%Y-%m-%d %H:%M:%S %Z", "2026-07-20 10:00:00 UTC", "2026-07-20T10:00:00Z"},
		{"%Y %%%n%H", "2026 % 10", "2026-01-01T09:00:00Z"},
	} {
		f, err := Compile(c.format, berlin)
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
			continue
		}
		got, ok := f.Parse([]byte(c.text), near)
		if text := got.UTC().Format(time.RFC3339Nano); !ok || text != c.want {
			t.Errorf("%s: %s is %s, %v, want %s", c.format, c.text, text, ok, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for format, texts := range map[string][]string{
		"rfc3339":           {"", "2026-11-20", "2026-11-20T10:00:00", "2026-11-20T10:00Z", "20261120T100000Z", "2026-13-20T10:00:00Z", "2026-02-29T10:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T10:00:00Zx", "2026-11-20T10:00:00.Z", "2026-11-20T10:00:00+99:00", "2026-11-20T10:00:00+1:00"},
		"iso8601":           {"2026", "2026-11", "2026-1120", "202611-20", "2026-11-20T", "2026-11-20T1", "2026-11-20T10:00:0", "2026-11-20T10:00:00 CET"},
		"unix":              {"", "-1", "x", "1x", "1.", ".5", "1e9", "99999999999999999999"},
		"%Y-%m-%d %H:%M:%S": {"2026-11-20T10:00:00", "2026-11-20 10:00:00+01:00", "2026-11-31 10:00:00", "2026-00-10 10:00:00", "2026-11-00 10:00:00"},
		"%Y%j":              {"2026366", "2026000"},
		"%I %p":             {"13 pm", "0 am", "1 xm"},
		"%b":                {"Foo", "ja", ""},
		"%Z":                {"Europe/Berlin", "XYZ"},
		"%s":                {"12345678901", "-5"},
	} {
		f, err := Compile(format, time.UTC)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		for _, text := range texts {
			if got, ok := f.Parse([]byte(text), near); ok {
				t.Errorf("%s: %q was taken for %v", format, text, got)
			}
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for format, want := range map[string]string{
		"%Q":    "must not have %Q",
		"%H:%":  "must not end with %",
		"rfc":   "must be rfc3339, iso8601",
		"":      "must be rfc3339, iso8601",
		"%% %n": "must be rfc3339, iso8601",
	} {
		if _, err := Compile(format, time.UTC); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", format, err, want)
		}
	}
	for _, zone := range []string{"Mars/Olympus", "+2", "+02:00:00", "-15:00", "../etc/passwd"} {
		if _, err := Zone(zone); err == nil || !strings.HasPrefix(err.Error(), "must be") {
			t.Errorf("%q: %v", zone, err)
		}
	}
}

// The year that a text leaves out is the one around the message, whatever day
// of the year that comes at.
func TestNearestYear(t *testing.T) {
	f, err := Compile("%b %d %T", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, text, want string }{
		{"2026-01-01T00:00:01Z", "Dec 31 23:59:59", "2025-12-31T23:59:59Z"},
		{"2026-12-31T23:59:59Z", "Jan 01 00:00:01", "2027-01-01T00:00:01Z"},
		{"2026-06-15T00:00:00Z", "Jun 14 00:00:00", "2026-06-14T00:00:00Z"},
		{"2024-03-01T00:00:00Z", "Feb 29 00:00:00", "2024-02-29T00:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := f.Parse([]byte(c.text), at); !ok || got.UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s at %s is %v, %v", c.text, c.at, got, ok)
		}
	}
}

// TestBesideGo reads what package time writes.
func TestBesideGo(t *testing.T) {
	newYork, err := Zone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for format, layout := range map[string]string{
		"rfc3339":                    time.RFC3339Nano,
		"iso8601":                    "20060102T150405Z0700",
		"%a %b %d %H:%M:%S %Y":       time.ANSIC,
		"%d %b %y %H:%M %z":          time.RFC822Z,
		"%A, %d-%b-%y %H:%M:%S %Z":   time.RFC850,
		"%Y-%m-%d %H:%M:%S.%L %z":    "2006-01-02 15:04:05.999999999 -0700",
		"%Y/%j %I:%M:%S%p":           "2006/002 03:04:05PM",
		"%Y-%m-%dT%H:%M:%S.%f%n%z%n": "2006-01-02T15:04:05.000000 -07:00",
	} {
		f, err := Compile(format, newYork)
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		for i := range int64(2000) {
			at := time.Unix(1_000_000_000+i*777_777, i*499_001+1).In(newYork)
			text := at.Format(layout)
			want, err := time.ParseInLocation(layout, text, newYork)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := f.Parse([]byte(text), near)
			// The hour that a clock shows twice is either of them.
			if back := got.In(newYork).Format(layout); !ok || back != text && !got.Equal(want) {
				t.Fatalf("%s: %s is %v, %v, want %v", format, text, got, ok, want)
			}
		}
	}
}

// FuzzParse holds that no text breaks a format, and that a date it names is
// the one that was written.
func FuzzParse(f *testing.F) {
	f.Add("rfc3339", "2026-11-20T10:00:00Z")
	f.Add("%b %d %H:%M:%S.%L", "Nov  5 10:00:00.5")
	f.Add("unix_ns", "1795168800123456789")
	f.Add("%s%j%p%Z", "1")
	f.Fuzz(func(t *testing.T, format, text string) {
		parsed, err := Compile(format, time.UTC)
		if err != nil {
			return
		}
		got, ok := parsed.Parse([]byte(text), near)
		if !ok {
			return
		}
		if want, err := time.Parse(time.RFC3339Nano, text); format == "rfc3339" && err == nil && !got.Equal(want) {
			t.Fatalf("%s is %v, want %v", text, got, want)
		}
	})
}

func TestParseAllocatesNothing(t *testing.T) {
	zone, err := Zone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for format, text := range map[string]string{"rfc3339": "2026-11-20T10:00:00.123456Z", "%b %d %H:%M:%S": "Nov 20 10:00:00", "unix": "1795168800.5"} {
		f, err := Compile(format, zone)
		if err != nil {
			t.Fatal(err)
		}
		b := []byte(text)
		if n := testing.AllocsPerRun(100, func() { f.Parse(b, near) }); n > 0 {
			t.Errorf("%s: %v allocations", format, n)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	zone, err := Zone("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ format, text string }{
		{"rfc3339", "2026-11-20T10:00:00.123456Z"},
		{"%Y-%m-%d %H:%M:%S.%L", "2026-11-20 10:00:00.123456"},
		{"unix_ms", "1795168800123"},
	} {
		b.Run(c.format, func(b *testing.B) {
			f, err := Compile(c.format, zone)
			if err != nil {
				b.Fatal(err)
			}
			text := []byte(c.text)
			b.ReportAllocs()
			for b.Loop() {
				f.Parse(text, near)
			}
		})
	}
}
