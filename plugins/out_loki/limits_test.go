package outloki

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/labels"
	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/reasons"
)

// oneLimited flushes one record through an output with limits, and returns what
// arrives.
func oneLimited(t *testing.T, at time.Time, pairs []string, settings ...string) (stream, *Output, *logBuffer) {
	t.Helper()
	server := startLoki(t, always(204, ""))
	o, log := newLimitedOutput(t, append(settings, "url="+server.URL)...)
	if r := o.Flush(t.Context(), "tag", appendRecord(nil, at.UnixNano(), pairs...)); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	if len(server.pushes) == 0 {
		return stream{}, o, log
	}
	return server.pushes[0][0], o, log
}

func TestLabelsThatDoNotFit(t *testing.T) {
	f := func(wantLabels, wantPairs string, change change, settings ...string) {
		t.Helper()
		s, o, _ := oneLimited(t, time.Now(), []string{"a", "first", "b", "0123456789", "longname", "x", "z", ""}, append(settings, "label_keys=a,b,longname,z")...)
		if s.labels != wantLabels || s.lines[0].metadata != wantPairs {
			t.Errorf("%q: got %s and %s", settings, s.labels, s.lines[0].metadata)
		}
		if n := o.report.changed.Total(); (n > 0) != (wantPairs != "") || n > 0 && o.report.changed.Records(change) != n {
			t.Errorf("%q: counted %d, of the change %d", settings, n, o.report.changed.Records(change))
		}
	}
	f(`{a="first", b="0123456789", longname="x"}`, "", 0)
	f(`{a="first", b="0123456789"}`, "longname=x;", labelsMoved, "max_label_names=2")
	f(`{a="first"}`, "b=0123456789;longname=x;", labelsMoved, "max_label_names=1")
	f(`{a="first", b="0123456789"}`, "longname=x;", labelsMoved, "max_label_name_length=7")
	f(`{a="first", b="01234…", longname="x"}`, "b=0123456789;", labelCut, "max_label_value_length=8")
	f(`{a="first", b="0123456789", longname="x"}`, "", 0, "max_label_names=0", "max_label_name_length=0", "max_label_value_length=0")
}

func TestLineTooLong(t *testing.T) {
	text := strings.Repeat("ä", 1000)
	s, o, _ := oneLimited(t, time.Now(), []string{"m", text}, "max_line_size=1Ki")
	l := s.lines[0].text
	if len(l) > 1024 || len(l) < 1023 || !strings.HasSuffix(l, "ä"+cutMark) || !utf8.ValidString(l) || o.report.changed.Records(lineCut) != 1 {
		t.Errorf("got %d bytes that end in %q", len(l), l[len(l)-20:])
	}
	if s, o, _ := oneLimited(t, time.Now(), []string{"m", text}, "max_line_size=1Ki", "line_too_long=reject"); s.lines != nil || o.report.rejected.Records(lineTooLong) != 1 {
		t.Errorf("got %+v, rejected %d", s, o.report.rejected.Records(lineTooLong))
	}
	if s, _, _ := oneLimited(t, time.Now(), []string{"m", text}, "max_line_size=0"); s.lines[0].text != `{"m":"`+text+`"}` {
		t.Errorf("got %d bytes", len(s.lines[0].text))
	}
}

func TestTimeOutOfBounds(t *testing.T) {
	now := time.Now()
	f := func(age time.Duration, want time.Duration, settings ...string) {
		t.Helper()
		at := now.Add(-age)
		s, o, _ := oneLimited(t, at, []string{"m", "x"}, settings...)
		got := time.Unix(0, s.lines[0].time)
		moved := s.lines[0].metadata == originalTime+"="+at.UTC().Format(time.RFC3339Nano)+";"
		if off := now.Add(-want).Sub(got).Abs(); off > 10*time.Second || moved == (age == want) || o.report.changed.Total() == 0 == moved {
			t.Errorf("%v, %q: got %v, metadata %q", age, settings, now.Sub(got), s.lines[0].metadata)
		}
	}
	const week = 7 * 24 * time.Hour
	f(0, 0)
	f(week-time.Minute, week-time.Minute)
	f(week+time.Minute, week-timeMargin)
	f(1000*week, week-timeMargin)
	f(-9*time.Minute, -9*time.Minute)
	f(-11*time.Minute, -10*time.Minute+timeMargin)
	f(2*week, 2*week, "max_age=0")
	f(-week, -week, "max_ahead=0")
	f(2*week, 2*week, "time_out_of_bounds=leave")
}

func TestMetadataThatDoesNotFit(t *testing.T) {
	entry := func(pairs int) (b []byte) {
		b = appendPushEntry(t, "line")
		for i := range pairs {
			b = appendPair(b, fmt.Sprint("k", i), []byte("value"))
		}
		return b
	}
	f := func(pairs, want int, l limits) {
		t.Helper()
		var f entryLimits
		f.begin(&l, time.Now())
		arena, err := f.fit(append([]byte("before"), entry(pairs)...), len("before"))
		if err != nil || string(arena) != "before"+string(entry(want)) || (f.changes.Records(metadataDropped) == 1) != (pairs != want) {
			t.Errorf("%d pairs: got %d bytes, %v", pairs, len(arena), err)
		}
	}
	l := defaultLimits()
	f(0, 0, l)
	f(128, 128, l)
	f(129, 128, l)
	f(500, 500, limits{})
	f(500, 3, limits{metadataSize: 21})
	f(2, 2, limits{metadataSize: 14})
}

// jsonLine is the form that lines have by default.
var jsonLine = plannedLine{format: formatJSON, single: singleOff}

func appendPushEntry(t *testing.T, line string) []byte {
	t.Helper()
	return encodedEntry(t, []byte("\x81\xa1m\xa4"+line))
}

// encodedEntry returns the entry of a body.
func encodedEntry(t *testing.T, body []byte) []byte {
	t.Helper()
	b, err := jsonLine.append(make([]byte, headRoom), body, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b[putHead(b, headRoom, 5):]
}

// FuzzFit holds that what does not fit is cut to what does, and that what fits
// stays as it is.
func FuzzFit(f *testing.F) {
	f.Add("some text", "name", "value", uint16(20), uint16(10), uint8(1))
	f.Add(strings.Repeat("€", 100), "n", "", uint16(30), uint16(0), uint8(0))
	f.Fuzz(func(t *testing.T, text, name, value string, size, metaSize uint16, count uint8) {
		l := limits{line: int64(size), onLine: truncate, metadataSize: int64(metaSize), metadataCount: int(count)}
		if l.validate() != nil || len(text) > 1<<16 {
			return
		}
		body := chunk.AppendString(chunk.AppendString(chunk.AppendMapHeader(nil, 1), "m"), text)
		entry := encodedEntry(t, body)
		for range 3 {
			entry = appendPair(entry, name, []byte(value))
		}
		var fit entryLimits
		fit.begin(&l, time.Now())
		out, err := fit.fit(slices.Clone(entry), 0)
		if err != nil {
			t.Fatal(err)
		}
		before, line, pairs := splitEntry(entry)
		head, cut, kept := splitEntry(out)
		n, sum := countPairs(kept)
		if string(head) != string(before) || l.line > 0 && int64(len(cut)) > l.line || !strings.HasPrefix(string(pairs), string(kept)) ||
			l.metadataCount > 0 && n > l.metadataCount || l.metadataSize > 0 && int64(sum) > l.metadataSize || !utf8.Valid(cut) {
			t.Fatalf("got %q %q", cut, kept)
		}
		if l.line == 0 || int64(len(line)) <= l.line {
			if string(cut) != string(line) {
				t.Fatalf("%q became %q", line, cut)
			}
		}
	})
}

func TestCardinality(t *testing.T) {
	server := startLoki(t, always(204, ""))
	o, log := newLimitedOutput(t, "url="+server.URL, "labels=job=x", "label_keys=user,app", "label_cardinality=10", "label_cardinality_window=1h")
	now := time.Now()
	o.now = func() time.Time { return now }
	o.labels.budget.now = o.now
	flush := func(from, to int) (seen map[string]int) {
		t.Helper()
		var data []byte
		for i := from; i < to; i++ {
			data = appendRecord(data, now.UnixNano(), "user", "u"+strconv.Itoa(i), "app", "a", "n", strconv.Itoa(i))
		}
		server.pushes = nil
		if r := o.Flush(t.Context(), "tag", data); r != plugin.OK {
			t.Fatal(r)
		}
		seen = map[string]int{}
		for _, push := range server.pushes {
			for _, s := range push {
				for _, l := range s.lines {
					seen[s.labels+" "+l.metadata]++
				}
			}
		}
		return seen
	}
	got := flush(0, 25)
	if len(got) != 25 || got[`{app="a", job="x", user="u9"} `] != 1 || got[`{app="a", job="x"} user=u10;`] != 1 || got[`{app="a", job="x"} user=u24;`] != 1 {
		t.Errorf("got %v", got)
	}
	if text := log.String(); !strings.Contains(text, "label=user values=10") || strings.Count(text, "too many values") != 1 {
		t.Errorf("logged %s", text)
	}
	if c, err := o.report.demoted.GetMetricWithLabelValues("user"); err != nil || metric.Sum(c) != 15 {
		t.Errorf("counted %d, %v", metric.Sum(c), err)
	}
	// Old values go on, and make room when they were not seen for the window.
	now = now.Add(59 * time.Minute)
	if got := flush(0, 5); got[`{app="a", job="x", user="u0"} `] != 1 {
		t.Errorf("got %v", got)
	}
	now = now.Add(5 * time.Minute)
	if got := flush(20, 26); got[`{app="a", job="x", user="u24"} `] != 1 || got[`{app="a", job="x"} user=u25;`] != 1 {
		t.Errorf("got %v", got)
	}
}

func TestCardinalityOverflow(t *testing.T) {
	server := startLoki(t, always(204, ""))
	o, _ := newLimitedOutput(t, "url="+server.URL, "label_keys=user", "label_cardinality=1", "label_cardinality_action=overflow")
	now := time.Now().UnixNano()
	data := appendRecord(appendRecord(nil, now, "user", "a"), now, "user", "b")
	made(o, "tag", data)
	o.Flush(t.Context(), "tag", data)
	push := server.pushes[0]
	if len(push) != 2 || push[1].labels != `{user="__overflow__"}` || push[1].lines[0].metadata != "user=b;" {
		t.Errorf("got %+v", push)
	}
}

// Labels of the configuration have one value each, and no budget.
func TestCardinalityOfStaticLabels(t *testing.T) {
	l := limits{cardinality: 1, onCardinality: toMetadata}
	f := labelLimits{limits: &l, budget: newCardinality(&l, nil, nil)}
	var changes reasons.Sums[change]
	for _, job := range []string{"a", "b"} {
		set, moved := f.fit([]labels.Label{{Name: "job", Value: []byte(job)}}, func(string) bool { return false }, &changes)
		if len(set) != 1 || moved != nil {
			t.Errorf("%s: %v, %q", job, set, moved)
		}
	}
}

// Within the limits, an entry costs no allocation.
func TestLimitsDoNotAllocate(t *testing.T) {
	l := defaultLimits()
	var f entryLimits
	now := time.Now()
	f.begin(&l, now)
	arena := appendPair(appendPushEntry(t, "line"), "trace_id", []byte("0123456789abcdef"))
	for range 20 {
		arena = appendPair(arena, "some_longer_name", []byte(strings.Repeat("v", 40)))
	}
	if n := testing.AllocsPerRun(100, func() {
		f.time(now.UnixNano())
		if out, err := f.fit(arena, 0); err != nil || len(out) != len(arena) {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	m := newMemory(&l)
	runs := []streamRun{{oldest: now.UnixNano(), newest: now.UnixNano(), bytes: 1000}}
	s := newStreams(&plan{})
	s.texts.intern([]byte(`{a="b"}`))
	m.look(runs, &s, now)
	if n := testing.AllocsPerRun(100, func() { m.look(runs, &s, now) }); n != 0 {
		t.Errorf("%v allocations for a stream", n)
	}
}
