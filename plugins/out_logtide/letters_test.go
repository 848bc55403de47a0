package outlogtide

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter/deadlettertest"
	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/plugin"
)

func withSink(t *testing.T, s *deadlettertest.Sink, settings ...string) (*Output, *logBuffer) {
	t.Helper()
	o, log := newTestOutput(t, settings...)
	o.office = office.New[reason](s, 50*time.Millisecond, o.report.log)
	return o, log
}

// someBad is m0 to m7, of which a server that refuses m3 and m4 takes six, and a
// record that is nested too deep.
func someBad(t *testing.T) []byte {
	return append(numbered(t, 8), appendEvent(nil, []byte("\x81\xa1a"+strings.Repeat("\x91", 200)+"\xc0"))...)
}

// A chunk waits for its letters, and what LogTide has or refused is not sent
// again.
func TestLettersMakeTheChunkWait(t *testing.T) {
	server := startLogtide(t, refuse("m3", "m4"))
	s := &deadlettertest.Sink{Holds: true}
	o, log := withSink(t, s, "url="+server.URL)
	requests := 11
	flush := func(want plugin.Result, letters int, rejected int64) {
		t.Helper()
		r, n := o.Flush(t.Context(), "tag", someBad(t)), o.report.rejected.Total()
		if r != want || len(server.requests) != requests || len(s.Letters) != letters || n != rejected || metric.Sum(o.report.counts.Delivered) != 6 {
			t.Fatalf("got %v, %d requests, %d letters, %d rejected, %d delivered: %s",
				r, len(server.requests), len(s.Letters), n, metric.Sum(o.report.counts.Delivered), log)
		}
	}
	flush(plugin.Retry, 0, 0)
	s.Room = deadlettertest.Unbounded
	flush(plugin.Retry, 3, 3)
	flush(plugin.Retry, 3, 3)
	s.Release(deadlettertest.All, deadlettertest.Unbounded)
	flush(plugin.OK, 3, 3)
	if o.report.rejected.Records(refusedByServer) != 2 || o.report.rejected.Records(unencodable) != 1 || metric.Sum(o.report.counts.Retried) != 3 {
		t.Errorf("log:\n%s", log)
	}
	// The same bytes again are another chunk.
	s.Holds = false
	if r := o.Flush(t.Context(), "tag", someBad(t)); r != plugin.OK || len(server.requests) != 2*requests || len(s.Letters) != 6 {
		t.Errorf("got %v, %d requests, %d letters", r, len(server.requests), len(s.Letters))
	}
}

// While LogTide is away, letters go out all the same, and once.
func TestLettersBesideAnOutage(t *testing.T) {
	away := true
	server := startLogtide(t, func(logs []sentLog) answered {
		if away && logs[len(logs)-1].Message == "m7" {
			return answered{status: 503}
		}
		return refuse("m1")(logs)
	})
	s := deadlettertest.New()
	o, log := withSink(t, s, "url="+server.URL, "batch_size=4")
	for range 3 {
		if r := o.Flush(t.Context(), "tag", someBad(t)); r != plugin.Retry || len(s.Letters) != 2 || o.report.rejected.Total() != 2 {
			t.Fatalf("got %v, %d letters: %s", r, len(s.Letters), log)
		}
	}
	away = false
	if r := o.Flush(t.Context(), "tag", someBad(t)); r != plugin.OK || len(s.Letters) != 2 || metric.Sum(o.report.counts.Delivered) != 7 {
		t.Errorf("got %v, %d letters: %s", r, len(s.Letters), log)
	}
}

// A part of a chunk that is no record has no letter, and a chunk that waits for
// letters is no broken one.
func TestLettersOfABrokenChunk(t *testing.T) {
	server := startLogtide(t, always(400, zodError))
	s := deadlettertest.New()
	s.Holds = true
	o, log := withSink(t, s, "url="+server.URL)
	data := append(numbered(t, 1), 7)
	for range 2 {
		if r := o.Flush(t.Context(), "tag", data); r != plugin.Retry || len(s.Letters) != 1 || o.report.rejected.Records(malformed) != 1 {
			t.Fatalf("got %v, %d letters: %s", r, len(s.Letters), log)
		}
	}
	s.Release(1, deadlettertest.Unbounded)
	if r := o.Flush(t.Context(), "tag", data); r != plugin.OK {
		t.Errorf("got %v: %s", r, log)
	}
}

func TestLetter(t *testing.T) {
	data, err := os.ReadFile("../../common/chunk/testdata/in_kafka.msgpack")
	if err != nil {
		t.Fatal(err)
	}
	server := startLogtide(t, always(400, zodError))
	s := deadlettertest.New()
	o, log := withSink(t, s, "url="+server.URL)
	if r := o.Flush(t.Context(), "the.tag", data); r != plugin.OK || len(s.Letters) != chunk.Count(data) {
		t.Fatalf("got %v, %d letters: %s", r, len(s.Letters), log)
	}
	l := s.Letters[0]
	if l.Topic != "logs" || l.Offset < 0 || l.Tag != "the.tag" || l.Reason != "refused" || l.Text != zodError || l.Labels != "" ||
		l.Time.IsZero() || !strings.HasPrefix(string(l.Value), "{") {
		t.Errorf("got %+v", l)
	}
}
