package outloki

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
)

// apps is a chunk of some records of each app, of about size bytes each.
func apps(name string, records, size int, apps ...string) (data []byte) {
	now := time.Now().UnixNano()
	for i := range records {
		for _, app := range apps {
			data = appendRecord(data, now+int64(i), "app", app, "m", fmt.Sprint(name, i), "x", strings.Repeat("x", size))
		}
	}
	return data
}

func setsOf(apps ...string) (labels []string) {
	for _, app := range apps {
		labels = append(labels, fmt.Sprintf("{app=%q}", app))
	}
	return labels
}

// Loki refuses several streams of a push for their rate, and names the last one:
// none of them counts as delivered until it is stored.
func TestStreamRateOfSeveral(t *testing.T) {
	f := func(name, told string, size int, full []string, wantCopies int, wantLog bool, settings ...string) {
		t.Run(name, func(t *testing.T) {
			in := newIngester()
			in.told = told
			server := startLoki(t, in.answer)
			o, log := newLimitedOutput(t, append(settings, "url="+server.URL, "label_keys=app", "parallel=1")...)
			flush := func(data []byte, want plugin.Result) {
				t.Helper()
				if r := o.Flush(t.Context(), "tag", data); r != want {
					t.Fatalf("got %v: %s", r, log)
				}
				if lines, _ := in.copies(); metric.Sum(o.report.counts.Delivered) > int64(lines) {
					t.Fatalf("%d count as delivered, %d are stored", metric.Sum(o.report.counts.Delivered), lines)
				}
			}
			// Loki has them, so none is new.
			flush(apps("first", 1, 1, "a", "b", "quiet"), plugin.OK)
			in.fill(0, setsOf(full...)...)
			data := slices.Concat(apps("", 4, size, "a", "b"), apps("", 1, 1, "quiet"))
			flush(data, plugin.Retry)
			flush(data, plugin.Retry)
			in.fill(1<<20, setsOf(full...)...)
			flush(data, plugin.OK)
			if lines, copies := in.copies(); lines != 12 || copies != wantCopies {
				t.Errorf("%d lines in %d copies", lines, copies)
			}
			if got := strings.Contains(log.String(), "smaller than max_stream_rate"); got != wantLog {
				t.Errorf("logged %s", log)
			}
		})
	}
	f("above the rate", "1KB", 1000, []string{"a", "b"}, 12, true)
	f("above the rate, unchecked", "1KB", 1000, []string{"a", "b"}, 12, false, "max_stream_rate=0")
	// Others write them too: then it may have been any, and the quiet one is sent again.
	f("of others", "3MB", 1000, []string{"a", "b"}, 13, false)
	f("of others, small", "1KB", 10, []string{"a", "b", "quiet"}, 12, true)
}

// What an answer tells of the rate is heeded by the pushes that were made before.
func TestStreamRateIsLearnedAtOnce(t *testing.T) {
	in := newIngester()
	server := startLoki(t, in.answer)
	o, log := newLimitedOutput(t, "url="+server.URL, "label_keys=app", "parallel=1", "batch_size=10Ki")
	names := strings.Split("abcdef", "")
	if r := o.Flush(t.Context(), "tag", apps("first", 1, 1, names...)); r != plugin.OK {
		t.Fatal(r)
	}
	in.fill(0, setsOf(names...)...)
	server.pushes = nil
	if r := o.Flush(t.Context(), "tag", apps("", 4, 1000, names...)); r != plugin.Retry {
		t.Fatalf("got %v: %s", r, log)
	}
	if n := metric.Sum(o.report.counts.Delivered); n != 6 {
		t.Errorf("%d count as delivered, 6 are stored", n)
	}
	for _, push := range server.pushes[1:] {
		if len(push) > 1 {
			t.Errorf("a push of %d streams", len(push))
		}
	}
}

// After a restart every stream is new. A tenant at its limit of streams: those
// that Loki has are stored, though more than a flush tries are refused, and
// those that it had stored before go once.
func TestStreamLimitStarvesNone(t *testing.T) {
	in := newIngester()
	server := startLoki(t, in.answer)
	o, log := newTestOutput(t, "url="+server.URL, "label_keys=app")
	const refused, had = 35, 5
	var names []string
	for i := range refused + had {
		names = append(names, fmt.Sprintf("s%02d", i))
	}
	in.most = had + 1
	// The oldest, which is the last of its push, is refused; behind the others
	// stand those that are there.
	for _, labels := range setsOf(append(names[1:had+1:had+1], "known")...) {
		in.streams[labels] = true
	}
	o.Flush(t.Context(), "tag", apps("first", 1, 1, "known"))
	data := apps("", 1, 1, append(names, "known")...)
	for range refused/maxRefusals + 2 {
		if r := o.Flush(t.Context(), "tag", data); r != plugin.Retry {
			t.Fatalf("got %v: %s", r, log)
		}
	}
	lines, copies := in.copies()
	if n := metric.Sum(o.report.counts.Delivered); n != had+2 || lines != had+2 {
		t.Errorf("%d count as delivered, %d are stored, want %d", n, lines, had+2)
	}
	// One that is known to be there is not sent again.
	if known := in.stored[`{"app":"known","m":"0","x":"x"}`]; known != 1 {
		t.Errorf("%d copies of what was known, %d in all", known, copies)
	}
	in.most = 0
	if r := o.Flush(t.Context(), "tag", data); r != plugin.OK {
		t.Errorf("got %v: %s", r, log)
	}
	if lines, _ := in.copies(); lines != len(names)+2 {
		t.Errorf("%d are stored", lines)
	}
}

// Loki comes back without its streams, and others have taken their places. What it
// answers for one speaks for none of those that it had.
func TestLostStreams(t *testing.T) {
	in := newIngester()
	server := startLoki(t, in.answer)
	o, log := newTestOutput(t, "url="+server.URL, "label_keys=app", "parallel=1")
	flush := func(data []byte, want plugin.Result, delivered int64) {
		t.Helper()
		if r := o.Flush(t.Context(), "tag", data); r != want {
			t.Errorf("got %v: %s", r, log)
		}
		if n, _ := in.copies(); int64(n) != delivered || metric.Sum(o.report.counts.Delivered) != delivered {
			t.Errorf("%d count as delivered, %d are stored, want %d", metric.Sum(o.report.counts.Delivered), n, delivered)
		}
	}
	four := func(name string) []byte { return apps(name, 1, 1, "a", "b", "c", "d") }
	flush(four("first"), plugin.OK, 4)
	in.streams, in.most = map[string]bool{`{app="a"}`: true}, 1
	lost := four("lost")
	flush(lost, plugin.Retry, 5)
	in.most = 0
	flush(lost, plugin.OK, 8)
	flush(four("again"), plugin.OK, 12)
	server.pushes = nil
	flush(four("after"), plugin.OK, 16)
	if len(server.pushes) != 1 {
		t.Errorf("they go alone for good: %d pushes", len(server.pushes))
	}
	// The answer to one that came alone speaks for none of the others either.
	in.streams, in.most = map[string]bool{`{app="d"}`: true}, 1
	one := apps("one", 1, 1, "b")
	flush(one, plugin.Retry, 16)
	more := four("more")
	flush(more, plugin.Retry, 17)
	in.most = 0
	flush(one, plugin.OK, 18)
	flush(more, plugin.OK, 21)
}

func TestToldRate(t *testing.T) {
	f := func(limit string, want int64) {
		t.Helper()
		if got := toldRate([]byte("Per stream rate limit exceeded (limit: " + limit + "/sec) while")); got != want {
			t.Errorf("%s: got %d, want %d", limit, got, want)
		}
	}
	f("100B", 100)
	f("64KB", 64<<10)
	f("3MB", 3<<20)
	f("1GB", 1<<30)
	f("2TB", 2<<40)
	f("2PB", 2<<50)
	f("7EB", 7<<60)
	f("99EB", 1<<63-1)
	f("99999999999999999999B", 0)
	f("3MiB", 0)
	f("many", 0)
}
