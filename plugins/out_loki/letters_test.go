package outloki

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter/deadlettertest"
	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/plugin"
)

func withSink(t *testing.T, s *deadlettertest.Sink, settings ...string) (*Output, *logBuffer) {
	t.Helper()
	o, log := newTestOutput(t, settings...)
	o.office = office.New[reason](s, 50*time.Millisecond, o.report.log)
	return o, log
}

// refuseB refuses the stream b for good.
func refuseB() func([]stream) lokiReply {
	return badStream(`{app="b"}`, lokiReply{400, badText, nil})
}

func TestLettersMakeTheChunkWait(t *testing.T) {
	server := startLoki(t, refuseB())
	s := deadlettertest.New()
	s.Holds = true
	o, log := withSink(t, s, "url="+server.URL, "label_keys=app")
	flush := func(want plugin.Result, pushes, letters int) {
		t.Helper()
		before := len(server.pushes)
		if r := o.Flush(t.Context(), "tag", eight()); r != want || len(server.pushes)-before != pushes || len(s.Letters) != letters {
			t.Fatalf("got %v, %d pushes, %d letters: %s", r, len(server.pushes)-before, len(s.Letters), log)
		}
	}
	made(o, "tag", eight())
	flush(plugin.Retry, 3, 4)
	// What Loki has, and what has a letter under way, is sent nowhere again.
	flush(plugin.Retry, 0, 4)
	s.Release(deadlettertest.All, deadlettertest.Unbounded)
	flush(plugin.OK, 0, 4)
	if n := o.report.rejected.Records(labelSyntax); n != 4 {
		t.Errorf("counted %d", n)
	}
	// The same bytes again are another chunk.
	s.Holds = false
	flush(plugin.OK, 3, 8)
}

// Loki's verdict is kept until the letters are taken.
func TestLettersThatAreNotTaken(t *testing.T) {
	server := startLoki(t, refuseB())
	s := &deadlettertest.Sink{}
	o, log := withSink(t, s, "url="+server.URL, "label_keys=app")
	if r := o.Flush(t.Context(), "tag", eight()); r != plugin.Retry || o.report.rejected.Total() != 0 {
		t.Fatalf("got %v, %d rejected: %s", r, o.report.rejected.Total(), log)
	}
	s.Room = deadlettertest.Unbounded
	before := len(server.pushes)
	if r := o.Flush(t.Context(), "tag", eight()); r != plugin.OK || len(s.Letters) != 4 || o.report.rejected.Total() != 4 || len(server.pushes) != before {
		t.Errorf("got %v, %d letters, %d pushes: %s", r, len(s.Letters), len(server.pushes)-before, log)
	}
}

// While Loki is away, letters go out all the same, and once.
func TestLettersBesideAnOutage(t *testing.T) {
	away := true
	server := startLoki(t, func(push []stream) lokiReply {
		if away {
			if r := badStream(`{app="a"}`, lokiReply{status: 503})(push); r.status == 503 {
				return r
			}
		}
		return refuseB()(push)
	})
	s := deadlettertest.New()
	o, log := withSink(t, s, "url="+server.URL, "label_keys=app", "batch_size=1Ki", "line_too_long=reject", "max_line_size=1Ki")
	data := append(eight(), appendRecord(nil, 5e9, "app", "a", "m", strings.Repeat("x", 2000))...)
	made(o, "tag", data)
	for range 3 {
		if r := o.Flush(t.Context(), "tag", data); r != plugin.Retry || len(s.Letters) != 1 {
			t.Fatalf("got %v, %d letters: %s", r, len(s.Letters), log)
		}
	}
	away = false
	if r := o.Flush(t.Context(), "tag", data); r != plugin.OK || len(s.Letters) != 5 {
		t.Errorf("got %v, %d letters: %s", r, len(s.Letters), log)
	}
}

func TestLetter(t *testing.T) {
	data, err := os.ReadFile("../../common/chunk/testdata/in_kafka.msgpack")
	if err != nil {
		t.Fatal(err)
	}
	server := startLoki(t, always(400, badText))
	s := deadlettertest.New()
	o, log := withSink(t, s, "url="+server.URL, "labels=@metadata['kafka']['topic']")
	if r := o.Flush(t.Context(), "the.tag", data); r != plugin.OK {
		t.Fatalf("got %v: %s", r, log)
	}
	if n := chunk.Count(data); len(s.Letters) != n {
		t.Fatalf("%d letters of %d", len(s.Letters), n)
	}
	l := s.Letters[0]
	if l.Topic != "logs" || l.Offset < 0 || l.Tag != "the.tag" || l.Labels != `{topic="logs"}` || l.Reason != "label_syntax" || l.Text != badText ||
		l.Time.IsZero() || !strings.HasPrefix(string(l.Value), "{") {
		t.Errorf("got %+v", l)
	}

	// A record that carries its origin in itself, where a filter drops metadata.
	s.Letters = nil
	in := chunk.AppendMapHeader(chunk.AppendEventHeader(nil, 5, 0), 0)
	in = chunk.AppendString(chunk.AppendString(chunk.AppendMapHeader(in, 2), "m"), "text")
	in = chunk.AppendString(chunk.AppendMapHeader(chunk.AppendString(in, "tidegate_origin"), 3), "topic")
	in = chunk.AppendInt(chunk.AppendString(chunk.AppendString(in, "orders"), "partition"), 3)
	in = chunk.AppendInt(chunk.AppendString(in, "offset"), 42)
	if r := o.Flush(t.Context(), "tag", in); r != plugin.OK || len(s.Letters) != 1 {
		t.Fatalf("got %v, %d letters: %s", r, len(s.Letters), log)
	}
	if l := s.Letters[0]; l.Topic != "orders" || l.Partition != 3 || l.Offset != 42 || string(l.Value) != `{"m":"text"}` {
		t.Errorf("got %+v", l)
	}

	// Another input's record, which cannot be written as JSON.
	s.Letters = nil
	deep := []byte("\x92\x05\x81\xa4line" + strings.Repeat("\x91", 200) + "\xc0")
	if r := o.Flush(t.Context(), "tag", deep); r != plugin.OK || len(s.Letters) != 1 {
		t.Fatalf("got %v, %d letters: %s", r, len(s.Letters), log)
	}
	if l := s.Letters[0]; l.Topic != "" || l.Reason != "unencodable" || string(l.Value) != string(deep[2:]) {
		t.Errorf("got %+v", l)
	}
}

// give_up_after rejects what never passes, while others do; not what waits for
// a server that is away.
func TestGiveUp(t *testing.T) {
	poison, away := lokiReply{status: 500}, false
	server := startLoki(t, func(push []stream) lokiReply {
		for _, s := range push {
			for _, l := range s.lines {
				if away || strings.Contains(l.text, "b2") {
					return poison
				}
			}
		}
		return lokiReply{status: 204}
	})
	o, log := newTestOutput(t, "url="+server.URL, "label_keys=app", "give_up_after=1h")
	now := time.Now()
	o.now = func() time.Time { return now }
	flush := func(data []byte, want plugin.Result, givenUps int64) {
		t.Helper()
		if r := o.Flush(t.Context(), "tag", data); r != want || o.report.rejected.Records(givenUp) != givenUps {
			t.Errorf("got %v, %d given up: %s", r, o.report.rejected.Records(givenUp), log)
		}
	}
	other := appendRecord(nil, 5, "app", "c")
	away = true
	flush(eight(), plugin.Retry, 0)
	now = now.Add(2 * time.Hour)
	flush(eight(), plugin.Retry, 0)
	away = false
	flush(eight(), plugin.Retry, 0)
	now = now.Add(time.Second)
	flush(other, plugin.OK, 0)
	now = now.Add(time.Second)
	flush(eight(), plugin.OK, 1)

	// A server that has just gone away costs a few records at most.
	var many []byte
	for i := range 500 {
		many = appendRecord(many, int64(i), "app", "a", "m", "b2")
	}
	flush(many, plugin.Retry, 1)
	now = now.Add(2 * time.Hour)
	flush(other, plugin.OK, 1)
	away = true
	now = now.Add(time.Second)
	flush(many, plugin.Retry, 1+maxRefusals)
	now = now.Add(time.Second)
	flush(many, plugin.Retry, 1+maxRefusals)
}
