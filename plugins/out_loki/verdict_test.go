package outloki

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/metric"
)

// judged flushes a chunk, and returns what became of its records.
func judged(t *testing.T, data []byte, answer func(push []stream) lokiReply, settings ...string) (rejected map[reason]int64, delivered int64, pushes int) {
	t.Helper()
	server := startLoki(t, answer)
	o, log := newTestOutput(t, append(settings, "url="+server.URL, "parallel=1")...)
	made(o, "tag", data)
	if r := o.Flush(t.Context(), "tag", data); r.String() != "OK" {
		t.Fatalf("got %v: %s", r, log)
	}
	rejected = map[reason]int64{}
	for why := range numReasons {
		if n := o.report.rejected.Records(why); n > 0 {
			rejected[why] = n
		}
	}
	return rejected, metric.Sum(o.report.counts.Delivered), len(server.pushes)
}

// four is a chunk of four records: one of a stream of three labels, one old, one
// long, one good.
func four(old time.Time) (data []byte) {
	now := time.Unix(1_800_000_000, 0).UnixNano()
	data = appendRecord(data, now, "a", "1", "b", "2", "c", "3")
	data = appendRecord(data, old.UnixNano(), "a", "1", "m", "old")
	data = appendRecord(data, now, "a", "1", "m", strings.Repeat("x", 100))
	return appendRecord(data, now, "a", "1", "m", "good")
}

func TestVerdict(t *testing.T) {
	old := time.Unix(1_700_000_000, 999).UTC()
	const (
		names = `entry for stream '{a="1", b="2", c="3"}' has 3 label names; limit 2`
		long  = `max entry size '50' bytes exceeded for stream '{a="1"}' while adding an entry with length '118' bytes`
	)
	age := fmt.Sprintf(`entry for stream '{a="1", service_name="x"}' has timestamp too old: %s, oldest acceptable timestamp is: 2027-01-01T00:00:00Z`, old.Format(time.RFC3339))
	f := func(body string, want map[reason]int64) {
		t.Helper()
		got, delivered, pushes := judged(t, four(old), always(400, body), "label_keys=a,b,c")
		sum := int64(0)
		for _, n := range want {
			sum += n
		}
		if !maps.Equal(got, want) || delivered != 4-sum || pushes != 1 {
			t.Errorf("%s:\n got %v, %d delivered by %d pushes\nwant %v", body, got, delivered, pushes, want)
		}
	}
	f(names, map[reason]int64{labelLimit: 1})
	f(age, map[reason]int64{tooOld: 1})
	f(long, map[reason]int64{lineTooLong: 1})
	f("1 errors like: "+long+"; 1 errors like: "+names+"; 1 errors like: "+age, map[reason]int64{labelLimit: 1, lineTooLong: 1, tooOld: 1})
	f(`stream '{a="1", b="2", c="3"}' has label value too long: '3'`, map[reason]int64{labelLimit: 1})
	f(`missing required labels 'team' for user 'a' for stream '{a="1"}' (policy: '')`, map[reason]int64{labelLimit: 3})
	// It is about one stream; two of its entries have one time.
	f(`entry for stream '{a="1"}' has timestamp too new: 2027-01-15T08:00:00Z`, map[reason]int64{tooNew: 2})
	// One case is told that none of the records is.
	f(`entry for stream '{a="1"}' has timestamp too new: 2040-01-15T08:00:00Z`, map[reason]int64{suspect: 4})
	f("2 errors like: "+long, map[reason]int64{lineTooLong: 1, suspect: 3})
}

// What an ingester says is about one stream of the push. It is heeded for that
// one, and those whose entries are as far behind are asked for alone.
func TestVerdictOfIngester(t *testing.T) {
	f := func(name, body string, want map[reason]int64, delivered int64, pushes int) {
		t.Helper()
		got, n, requests := judged(t, eight(), badStream(`{app="a"}`, lokiReply{400, body, nil}), "label_keys=app")
		if !maps.Equal(got, want) || n != delivered || requests != pushes {
			t.Errorf("%s: got %v, %d delivered by %d pushes", name, got, n, requests)
		}
	}
	text := func(cutoff string, ignored, of int, labels string) string {
		return fmt.Sprintf("entry with timestamp 1970-01-01 00:00:01 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 1970-01-01T00:00:01Z, oldest acceptable timestamp is: %s',\nuser 'fake', total ignored: %d out of %d for stream: %s",
			cutoff, ignored, of, labels)
	}
	f("two", text("1970-01-01T00:00:03Z", 2, 4, `{app="a", service_name="a"}`), map[reason]int64{tooFarBehind: 2}, 6, 2)
	f("all", text("1970-01-01T01:00:00Z", 4, 4, `{app="a"}`), map[reason]int64{tooFarBehind: 4}, 4, 2)
	// The distributor refused one before: which, nobody knows.
	f("three seen", text("1970-01-01T00:00:03Z", 2, 3, `{app="a"}`), map[reason]int64{tooFarBehind: 2, suspect: 2}, 4, 2)
	f("more than are that old", text("1970-01-01T00:00:01Z", 2, 4, `{app="a"}`), map[reason]int64{tooFarBehind: 1, suspect: 3}, 4, 2)
	// Of a stream that is none of ours: each goes alone, and then it is.
	f("another stream", text("1970-01-01T00:00:03Z", 2, 4, `{app="other"}`), map[reason]int64{tooFarBehind: 2}, 6, 3)
}

func TestSameStream(t *testing.T) {
	f := func(ours, told string, want bool) {
		t.Helper()
		if got := sameStream(ours, told); got != want {
			t.Errorf("%s and %s: %v", ours, told, got)
		}
	}
	f(`{a="b"}`, `{a="b"}`, true)
	f(`{a="b"}`, `{a="b", service_name="b"}`, true)
	f(`{a="b"}`, `{__stream_shard__="3", a="b"}`, true)
	f(`{a="b", service_name="c"}`, `{a="b", service_name="c"}`, true)
	f(`{a="b", service_name="c"}`, `{a="b", service_name="d"}`, false)
	f(`{a="b"}`, `{a="b", c="d"}`, false)
	f(`{a="b", c="d"}`, `{a="b"}`, false)
	f(`{a="}\", c=\"d\n"}`, `{a="}\", c=\"d\n"}`, true)
	f(`{a="b"}`, ``, false)
}

// FuzzVerdict: whatever a server says of whatever push, and however much of it is
// read, every record is delivered, rejected or sent again, once, in fewer entries
// or streams than before.
func FuzzVerdict(f *testing.F) {
	for i, text := range []string{
		"", behind, "2 errors like: max entry size '50' bytes exceeded; 9999999999999999999 errors like: x",
		`has 3 label names; limit 2 total ignored: 99999999999999999999 out of 1 for stream: {a="b", c=}`,
		"entry for stream '{}' has timestamp too old: 1970-01-01T00:00:01Z, oldest acceptable timestamp is: 1970-01-01T00:00:02Z",
		`2 errors like: entry for stream '{app="a"}' has timestamp too old: 1970-01-01T00:00:01Z, oldest acceptable timestamp is: 1970-01-01T00:00:02+01:00`,
		`0 errors like: entry for stream '{app="b", service_name="b"}' has timestamp too new: 1970-01-01T00:00:03Z; 7 errors like: stream '{app="a"}' has duplicate label name: 'app'`,
		`Per stream rate limit exceeded (limit: 9EB/sec) while attempting to ingest for stream '{app="a"}', total ignored: 1 out of 4 for stream: {app="a"}`,
		`maximum active stream limit exceeded when trying to create stream {app="b"}, reduce`,
	} {
		f.Add(eight(), text, i%2 == 0)
		f.Add(apps("", 3, 100, "a", "b", "}'\""), text, i%2 == 1)
	}
	p, _ := planOf(f, "label_keys=app")
	f.Fuzz(func(t *testing.T, data []byte, body string, cut bool) {
		o, _ := newLimitedOutput(t, "url=http://127.0.0.1:1", "label_keys=app")
		b := newBatch(p)
		read(b, data)
		rep := httpsend.Reply{Status: 400, Body: []byte(body), Cut: cut}
		for name, ask := range map[string]func(*sender, push) []push{
			"in part":        func(s *sender, p push) []push { return s.refusedInPart(p, rep) },
			"of a stream":    func(s *sender, p push) []push { again, _ := s.streamRefused(p, rep); return again },
			"learned before": func(s *sender, p push) []push { return s.relearn(p) },
		} {
			d := &sending{out: o, batch: b, start: time.Now()}
			s := &sender{sending: d}
			pushes := pushesOf(b, o.memory, 1<<20)
			seen := map[int32]int{}
			for _, p := range pushes {
				again := ask(s, p)
				for _, one := range again {
					if len(one.entries) >= len(p.entries) && len(one.streams) >= len(p.streams) {
						t.Fatalf("%s: a push of %d entries and %d streams is sent again as it was", name, len(p.entries), len(p.streams))
					}
					for _, e := range one.entries {
						seen[e.record]++
						if one.runOf(e.stream).stream != e.stream {
							t.Fatalf("%s: a push has no stream of one of its entries", name)
						}
					}
				}
			}
			for _, entries := range d.settled {
				for _, e := range entries {
					seen[e.record]++
				}
			}
			for record, n := range seen {
				if n != 1 {
					t.Fatalf("%s: record %d has %d fates", name, record, n)
				}
			}
			if name == "in part" && len(seen) != len(b.entries) {
				t.Fatalf("%d settled or sent again of %d", len(seen), len(b.entries))
			}
			b.grouping.reset()
		}
		classify(rep.Status, rep.Body, nil)
	})
}
