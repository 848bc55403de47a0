package outloki

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/deadletter/deadlettertest"
	"github.com/tidegate/tidegate/common/office"
	"github.com/tidegate/tidegate/common/plugin"
)

// fuzzedLimits are limits of every kind, by a number.
var fuzzedLimits = [][]string{
	nil,
	unlimited,
	{"max_label_names=1", "max_line_size=1Ki", "max_structured_metadata_count=1", "label_cardinality=1", "label_cardinality_action=overflow", "batch_size=1Ki"},
	{"max_label_value_length=3", "max_label_name_length=2", "max_line_size=1Ki", "line_too_long=reject", "max_structured_metadata_size=1Ki", "label_cardinality=2", "time_out_of_bounds=leave"},
	{"max_age=1h", "max_ahead=1m", "out_of_order_window=1m", "max_stream_rate=1Ki", "max_stream_burst=1Ki", "batch_size=2Ki", "parallel=3", "give_up_after=1m"},
}

// liar is a server that answers anything: what Loki could say of a push, and what
// nobody would.
type liar struct{ *rand.Rand }

func (l liar) answer(push []stream) lokiReply {
	r := l.reply(push)
	if n := len(r.body); n > 0 && l.IntN(8) == 0 {
		at := l.IntN(n)
		r.body = r.body[:at] + string(rune(l.IntN(128))) + r.body[min(n, at+l.IntN(4)):]
	}
	if l.IntN(8) == 0 {
		r.header = http.Header{"Retry-After": {fmt.Sprint(l.IntN(1000))}}
	}
	return r
}

func (l liar) reply(push []stream) lokiReply {
	s := push[l.IntN(len(push))]
	line := s.lines[l.IntN(len(s.lines))]
	at := second(line.time + l.Int64N(3e9) - 1e9)
	text := []string{
		fmt.Sprintf("entry for stream '%s' has timestamp too old: %s, oldest acceptable timestamp is: %s", s.labels, at, second(line.time+l.Int64N(3e9))),
		fmt.Sprintf("entry for stream '%s' has timestamp too new: %s", s.labels, at),
		fmt.Sprintf("max entry size '%d' bytes exceeded for stream '%s' while adding an entry with length '9' bytes", l.IntN(200), s.labels),
		fmt.Sprintf("stream '%s' has structured metadata too large: '9' bytes, limit: '%d' bytes.", s.labels, l.IntN(50)),
		fmt.Sprintf("stream '%s' has too many structured metadata labels: '9', limit: '%d'.", s.labels, l.IntN(3)),
		fmt.Sprintf("entry for stream '%s' has 3 label names; limit %d", s.labels, l.IntN(3)),
		fmt.Sprintf("stream '%s' has duplicate label name: 'a'", s.labels),
		fmt.Sprintf("entry with timestamp x ignored, reason: 'entry too far behind, entry timestamp is: %s, oldest acceptable timestamp is: %s',\nuser 'fake', total ignored: %d out of %d for stream: %s",
			at, at, l.IntN(9), l.IntN(9), s.labels),
	}
	texts := text[l.IntN(len(text))]
	for range l.IntN(3) {
		texts = fmt.Sprintf("%d errors like: %s; %d errors like: %s", l.IntN(5), texts, l.IntN(5), text[l.IntN(len(text))])
	}
	if l.IntN(6) == 0 {
		texts += strings.Repeat(" ", 1<<16)
	}
	rate := fmt.Sprintf("entry with timestamp x ignored, reason: 'Per stream rate limit exceeded (limit: %d%s/sec) while',\nuser 'fake', total ignored: 1 out of %d for stream: %s",
		l.IntN(2000), [...]string{"B", "KB", "TB"}[l.IntN(3)], len(s.lines), s.labels)
	return []lokiReply{
		{status: 204},
		{status: 400, body: texts},
		{status: 400, body: texts},
		{status: 429, body: rate},
		{status: 400, body: rate},
		{status: 429, body: "maximum active stream limit exceeded when trying to create stream " + s.labels + ", reduce"},
		{status: 429, body: overs},
		{status: 429},
		{status: 413},
		{status: 500, body: grpc4},
		{status: 503},
		{status: 400, body: "couldn't parse labels: " + s.labels},
		{status: 400, body: "no entries on Fridays"},
		{status: 260, body: "ingestion blocked for user 'fake'"},
	}[l.IntN(14)]
}

// fates are what became of the records of a chunk, over its flushes.
type fates struct {
	t                   *testing.T
	delivered, rejected map[int]bool
}

// flush is Output.Flush, which is followed record by record. It returns how many
// records it read.
func (a *fates) flush(o *Output, data []byte) (records int, result plugin.Result) {
	now := o.now()
	b := o.batches.Get().(*batch)
	b.begin("tag", o.limits, o.labels, now)
	at := o.attempts.Begin("tag", data)
	f := flush{out: o, tag: "tag", data: data, mail: o.office.Open("tag", data)}
	d := &sending{out: o, batch: b, start: now, stubborn: o.giveUp.isOver("tag", data, now, o.lastGood.Load())}
	at.Read(b.walk(), func(record int, ev *chunk.Event) error {
		records++
		return f.add(d, record, ev)
	}, f.tally.unfit)
	at.Start(now)
	if result = f.send(a.t.Context(), d, at); result == plugin.Retry {
		o.giveUp.again("tag", data, now)
	}
	rejected := map[int]bool{}
	for i := range d.rejects {
		record := int(d.rejects[i].record)
		if rejected[record] || a.rejected[record] || a.delivered[record] {
			a.t.Errorf("record %d is rejected as %v, and had been settled", record, d.rejects[i].why)
		}
		rejected[record] = true
	}
	for _, entries := range d.settled {
		for i := range entries {
			record := int(entries[i].record)
			if rejected[record] {
				continue
			}
			if a.delivered[record] || a.rejected[record] {
				a.t.Errorf("record %d is delivered, and had been settled", record)
			}
			a.delivered[record] = true
		}
	}
	for record := range rejected {
		a.rejected[record] = true
	}
	if d.delivered != int64(settledCount(d)-settledRejects(d)) {
		a.t.Errorf("%d count as delivered of %d settled", d.delivered, settledCount(d))
	}
	b.reset()
	return records, at.End(result, now)
}

func settledCount(d *sending) (n int) {
	for _, entries := range d.settled {
		n += len(entries)
	}
	return n
}

// settledRejects are the rejects that had made an entry.
func settledRejects(d *sending) (n int) {
	for i := range d.rejects {
		if d.rejects[i].stream != noStream {
			n++
		}
	}
	return n
}

// FuzzFlush: whatever a chunk holds, whatever the limits are and whatever a
// server says, each record is delivered once, or rejected once with one letter, or
// waits, flush by flush; with a server that takes all at last, none waits.
func FuzzFlush(f *testing.F) {
	for i := range 10 {
		f.Add(eight(), uint8(i), uint64(i))
		f.Add(sample(30), uint8(i*3), uint64(i))
		f.Add(apps("", 6, 400, "a", "b", "c"), uint8(i), uint64(i))
		f.Add(four(time.Unix(1_700_000_000, 0)), uint8(i), uint64(i))
	}
	for _, file := range []string{"plain.msgpack", "grouped.msgpack", "kubernetes.msgpack"} {
		b, err := os.ReadFile("../../common/chunk/testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(1), uint64(1))
		f.Add(b[:len(b)-3], uint8(20), uint64(2))
	}
	letters := f.TempDir() + "/unused"
	f.Fuzz(func(t *testing.T, data []byte, by uint8, seed uint64) {
		random := liar{rand.New(rand.NewPCG(seed, 0))}
		good := false
		server := startLoki(t, nil)
		server.answer = func(push []stream) lokiReply {
			server.mu.Lock()
			defer server.mu.Unlock()
			if good || random.IntN(4) == 0 {
				return lokiReply{status: 204}
			}
			return random.answer(push)
		}
		settings := append([]string{"url=" + server.URL}, fuzzed[int(by)%len(fuzzed)]...)
		settings = append(settings, fuzzedLimits[int(by)/len(fuzzed)%len(fuzzedLimits)]...)
		s := deadlettertest.New()
		if by&1 == 0 {
			settings = append(settings, "dead_letter_path="+letters)
		}
		o, log := newLimitedOutput(t, settings...)
		defer o.client.Close()
		if o.office != nil {
			o.office = office.New[reason](s, time.Second, o.report.log)
		}
		now := time.Now()
		o.now = func() time.Time { return now }
		all := &fates{t, map[int]bool{}, map[int]bool{}}
		records, result := all.flush(o, data)
		for try := 0; result == plugin.Retry; try++ {
			now = now.Add(20 * time.Minute)
			server.mu.Lock()
			good = try > 3
			server.mu.Unlock()
			if try > 6 {
				t.Fatalf("it waits still: %s", log)
			}
			_, result = all.flush(o, data)
		}
		if n := len(all.delivered) + len(all.rejected); result == plugin.OK && n != records {
			t.Fatalf("%d records, %d delivered, %d rejected: %s", records, len(all.delivered), len(all.rejected), log)
		}
		if o.office != nil && len(s.Letters) != len(all.rejected) {
			t.Fatalf("%d letters of %d", len(s.Letters), len(all.rejected))
		}
	})
}
