package outlogtide

import (
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/plugin"
)

// sink is a dead letter sink that says when letters are safe.
type sink struct {
	mu      sync.Mutex
	refuses bool // letters
	holds   bool // what it takes
	letters []deadletter.Letter
	held    []func()
}

func (s *sink) Send(l *deadletter.Letter, safe func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuses {
		return errors.New("full")
	}
	s.letters = append(s.letters, *l)
	if s.holds {
		s.held = append(s.held, safe)
	} else {
		safe()
	}
	return nil
}

func (s *sink) Close(time.Time) int { return len(s.held) }

func withSink(t *testing.T, s *sink, settings ...string) (*Output, *logBuffer) {
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
	s := &sink{holds: true, refuses: true}
	o, log := withSink(t, s, "url="+server.URL)
	requests := 11
	flush := func(want plugin.Result, letters int, rejected int64) {
		t.Helper()
		r, n := o.Flush(t.Context(), "tag", someBad(t)), o.report.rejected.Total()
		if r != want || len(server.requests) != requests || len(s.letters) != letters || n != rejected || metric.Sum(o.report.counts.Delivered) != 6 {
			t.Fatalf("got %v, %d requests, %d letters, %d rejected, %d delivered: %s",
				r, len(server.requests), len(s.letters), n, metric.Sum(o.report.counts.Delivered), log)
		}
	}
	flush(plugin.Retry, 0, 0)
	s.refuses = false
	flush(plugin.Retry, 3, 3)
	flush(plugin.Retry, 3, 3)
	for _, safe := range s.held {
		safe()
	}
	flush(plugin.OK, 3, 3)
	if o.report.rejected.Records(refusedByServer) != 2 || o.report.rejected.Records(unencodable) != 1 || metric.Sum(o.report.counts.Retried) != 3 {
		t.Errorf("log:\n%s", log)
	}
	// The same bytes again are another chunk.
	s.holds = false
	if r := o.Flush(t.Context(), "tag", someBad(t)); r != plugin.OK || len(server.requests) != 2*requests || len(s.letters) != 6 {
		t.Errorf("got %v, %d requests, %d letters", r, len(server.requests), len(s.letters))
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
	s := &sink{}
	o, log := withSink(t, s, "url="+server.URL, "batch_size=4")
	for range 3 {
		if r := o.Flush(t.Context(), "tag", someBad(t)); r != plugin.Retry || len(s.letters) != 2 || o.report.rejected.Total() != 2 {
			t.Fatalf("got %v, %d letters: %s", r, len(s.letters), log)
		}
	}
	away = false
	if r := o.Flush(t.Context(), "tag", someBad(t)); r != plugin.OK || len(s.letters) != 2 || metric.Sum(o.report.counts.Delivered) != 7 {
		t.Errorf("got %v, %d letters: %s", r, len(s.letters), log)
	}
}

// A part of a chunk that is no record has no letter, and a chunk that waits for
// letters is no broken one.
func TestLettersOfABrokenChunk(t *testing.T) {
	server := startLogtide(t, always(400, zodError))
	s := &sink{holds: true}
	o, log := withSink(t, s, "url="+server.URL)
	data := append(numbered(t, 1), 7)
	for range 2 {
		if r := o.Flush(t.Context(), "tag", data); r != plugin.Retry || len(s.letters) != 1 || o.report.rejected.Records(malformed) != 1 {
			t.Fatalf("got %v, %d letters: %s", r, len(s.letters), log)
		}
	}
	s.held[0]()
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
	s := &sink{}
	o, log := withSink(t, s, "url="+server.URL)
	if r := o.Flush(t.Context(), "the.tag", data); r != plugin.OK || len(s.letters) != chunk.Count(data) {
		t.Fatalf("got %v, %d letters: %s", r, len(s.letters), log)
	}
	l := s.letters[0]
	if l.Topic != "logs" || l.Offset < 0 || l.Tag != "the.tag" || l.Reason != "refused" || l.Text != zodError || l.Labels != "" ||
		l.Time.IsZero() || !strings.HasPrefix(string(l.Value), "{") {
		t.Errorf("got %+v", l)
	}
}
