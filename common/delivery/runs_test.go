package delivery

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

// metadata writes an event's metadata as tidegate_kafka does.
func metadata(dst []byte, o Origin, offset int64) []byte {
	dst = chunk.AppendString(chunk.AppendMapHeader(dst, 1), "kafka")
	return kafkaValue(dst, o, offset)
}

func kafkaValue(dst []byte, o Origin, offset int64) []byte {
	dst = chunk.AppendString(chunk.AppendString(chunk.AppendMapHeader(dst, 5), "topic"), o.Topic)
	dst = chunk.AppendInt(chunk.AppendString(dst, "partition"), int64(o.Partition))
	dst = chunk.AppendInt(chunk.AppendString(dst, "offset"), offset)
	dst = chunk.AppendArrayHeader(chunk.AppendString(dst, "origin"), 2)
	dst = chunk.AppendUint(chunk.AppendUint(dst, o.Source), uint64(o.Assignment))
	return chunk.AppendString(chunk.AppendString(dst, "key"), "k")
}

// traced is metadata with more behind the origin.
func traced(dst []byte, o Origin, offset int64) []byte {
	dst = chunk.AppendString(chunk.AppendMapHeader(dst, 3), "kafka")
	dst = kafkaValue(dst, o, offset)
	dst = chunk.AppendString(chunk.AppendString(dst, "trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736")
	return chunk.AppendString(chunk.AppendString(dst, "span_id"), "00f067aa0ba902b7")
}

// listed returns runs in words.
func listed(r *Runs) (list []listedRun) {
	for _, run := range r.runs {
		list = append(list, listedRun{r.origins[run.origin].Origin, run.first, run.last})
	}
	return list
}

type listedRun struct {
	Origin
	first, last int64
}

var (
	originA = Origin{Source: 1 << 63, Topic: "logs", Partition: 3, Assignment: 1_700_000_001}
	originB = Origin{Source: 1 << 63, Topic: "logs", Partition: 4, Assignment: 1_700_000_002}
)

func TestRuns(t *testing.T) {
	t.Parallel()
	type step struct {
		o      Origin
		offset int64
	}
	f := func(steps []step, want ...listedRun) {
		t.Helper()
		var read, withTrace, added Runs
		for _, s := range steps {
			if n := read.AppendOrigins(metadata(nil, s.o, s.offset)); n != 1 {
				t.Errorf("%+v: %d origins read", s, n)
			}
			if n := withTrace.AppendOrigins(traced(nil, s.o, s.offset)); n != 1 {
				t.Errorf("%+v: %d origins read beside a trace", s, n)
			}
			added.Add(s.o, s.offset)
		}
		if got := listed(&withTrace); !slices.Equal(got, want) {
			t.Errorf("read %v beside traces, want %v", got, want)
		}
		if got := listed(&read); !slices.Equal(got, want) {
			t.Errorf("read %v, want %v", got, want)
		}
		if got := listed(&added); !slices.Equal(got, want) {
			t.Errorf("added %v, want %v", got, want)
		}
	}
	f(nil)
	f([]step{{originA, 7}, {originA, 8}, {originA, 9}}, listedRun{originA, 7, 9})
	f([]step{{originA, 7}, {originA, 9}, {originA, 9}}, listedRun{originA, 7, 7}, listedRun{originA, 9, 9}, listedRun{originA, 9, 9})
	// Partitions that alternate are still runs.
	f([]step{{originA, 7}, {originB, 70}, {originA, 8}, {originB, 71}, {originA, 9}}, listedRun{originA, 7, 9}, listedRun{originB, 70, 71})
	f([]step{{originA, math.MaxInt64 - 1}}, listedRun{originA, math.MaxInt64 - 1, math.MaxInt64 - 1})
}

// TestManyOrigins takes more of them than are searched one by one.
func TestManyOrigins(t *testing.T) {
	t.Parallel()
	var r Runs
	for round := range 3 {
		for i := range int32(2 * maxOrigins) {
			o := originA
			o.Partition = i
			r.AppendOrigins(metadata(nil, o, int64(round)))
		}
	}
	if r.Len() != 2*maxOrigins {
		t.Errorf("%d runs, want one for each of %d origins", r.Len(), 2*maxOrigins)
	}
	r.Reset()
	if len(r.origins) != 0 {
		t.Errorf("%d origins stay", len(r.origins))
	}
	r.AppendOrigins(metadata(nil, originB, 1))
	if got := listed(&r); !slices.Equal(got, []listedRun{{originB, 1, 1}}) {
		t.Errorf("after a reset: %v", got)
	}
}

// TestNoOrigin reads what is none, also behind good ones, where less is looked
// at.
func TestNoOrigin(t *testing.T) {
	t.Parallel()
	good := metadata(nil, originA, 5)
	edit := func(f func(dst []byte) []byte) []byte {
		return f(chunk.AppendString(chunk.AppendMapHeader(nil, 1), "kafka"))
	}
	object := func(topic, partition, offset, origin func([]byte) []byte) []byte {
		return edit(func(dst []byte) []byte {
			dst = topic(chunk.AppendString(chunk.AppendMapHeader(dst, 4), "topic"))
			dst = partition(chunk.AppendString(dst, "partition"))
			dst = offset(chunk.AppendString(dst, "offset"))
			return origin(chunk.AppendString(dst, "origin"))
		})
	}
	number := func(n int64) func([]byte) []byte { return func(b []byte) []byte { return chunk.AppendInt(b, n) } }
	big := func(b []byte) []byte { return chunk.AppendUint(b, math.MaxUint64) }
	text := func(b []byte) []byte { return chunk.AppendString(b, originA.Topic) }
	pair := func(b []byte) []byte {
		return chunk.AppendUint(chunk.AppendUint(chunk.AppendArrayHeader(b, 2), originA.Source), uint64(originA.Assignment))
	}
	if n := new(Runs).AppendOrigins(object(text, number(3), number(5), pair)); n != 1 {
		t.Fatalf("the good one has %d origins", n)
	}
	for name, m := range map[string][]byte{
		"nothing":            nil,
		"an empty map":       chunk.AppendMapHeader(nil, 0),
		"no map":             chunk.AppendInt(nil, 5),
		"kafka is text":      edit(text),
		"kafka is empty":     edit(func(b []byte) []byte { return chunk.AppendMapHeader(b, 0) }),
		"topic is a number":  object(number(1), number(3), number(5), pair),
		"partition negative": object(text, number(-1), number(5), pair),
		"partition too big":  object(text, number(1<<31), number(5), pair),
		"offset negative":    object(text, number(3), number(-5), pair),
		"offset at the end":  object(text, number(3), number(math.MaxInt64), pair),
		"offset too big":     object(text, number(3), big, pair),
		"offset is text":     object(text, number(3), text, pair),
		"origin is a number": object(text, number(3), number(5), number(5)),
		"origin has one": object(text, number(3), number(5), func(b []byte) []byte {
			return chunk.AppendUint(chunk.AppendArrayHeader(b, 1), originA.Source)
		}),
		"assignment too big": object(text, number(3), number(5), func(b []byte) []byte {
			return big(chunk.AppendUint(chunk.AppendArrayHeader(b, 2), originA.Source))
		}),
	} {
		var r Runs
		if n := r.AppendOrigins(m); n != 0 {
			t.Errorf("%s: %d origins", name, n)
		}
		r.AppendOrigins(good)
		if n := r.AppendOrigins(m); n != 0 || r.Len() != 1 {
			t.Errorf("%s, behind a good one: %d origins", name, n)
		}
	}
}

// TestTracedTakesTheShortWay holds that a record with a trace is told by
// comparing bytes too.
func TestTracedTakesTheShortWay(t *testing.T) {
	t.Parallel()
	var r Runs
	r.AppendOrigins(metadata(nil, originA, 4))
	if !r.again(traced(nil, originA, 5)) {
		t.Error("it went the long way")
	}
	// Two records' in one, which are two origins.
	m := chunk.AppendMapHeader(nil, 2)
	m = kafkaValue(chunk.AppendString(m, "kafka"), originA, 6)
	m = kafkaValue(chunk.AppendString(m, "kafka"), originA, 7)
	if r.again(m) {
		t.Error("the second of two origins was overlooked")
	}
}

// TestJoined reads metadata that multiline made of three records' and to which
// a filter added a key.
func TestJoined(t *testing.T) {
	t.Parallel()
	m := chunk.AppendMapHeader(nil, 4)
	m = kafkaValue(chunk.AppendString(m, "kafka"), originA, 5)
	m = chunk.AppendInt(chunk.AppendString(m, "other"), 1)
	m = kafkaValue(chunk.AppendString(m, "kafka"), originA, 6)
	m = kafkaValue(chunk.AppendString(m, "kafka"), originB, 1)
	var r Runs
	if n := r.AppendOrigins(m); n != 3 {
		t.Errorf("%d origins, want 3", n)
	}
	if got, want := listed(&r), []listedRun{{originA, 5, 6}, {originB, 1, 1}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// FuzzAppendOrigins holds the short way against the long one, on hostile
// metadata.
func FuzzAppendOrigins(f *testing.F) {
	f.Add(metadata(nil, originA, 5))
	f.Add(metadata(nil, originB, math.MaxInt64-1))
	f.Add(traced(nil, originA, 5))
	f.Add(append(append([]byte("\x82\xa5kafka"), metadata(nil, originA, 5)[7:]...), metadata(nil, originA, 6)[1:]...))
	f.Add(binary.BigEndian.AppendUint64([]byte("\x81\xa5kafka\x84\xa5topic\xa4logs\xa9partition\x03\xa6offset\xcf"), math.MaxUint64))
	f.Fuzz(func(t *testing.T, m []byte) {
		if rest, err := chunk.Skip(m); err != nil || len(rest) > 0 {
			t.Skip("no event has this")
		}
		var cold, warm Runs
		n := cold.AppendOrigins(m)
		warm.AppendOrigins(metadata(nil, originA, 1<<40))
		warm.AppendOrigins(metadata(nil, originB, 1<<40))
		warm.AppendOrigins(metadata(nil, originA, 1<<50))
		if again := warm.AppendOrigins(m); again != n {
			t.Fatalf("%d origins behind others, %d alone", again, n)
		}
		for _, r := range listed(&cold) {
			if r.first < 0 || r.last < r.first || r.last == math.MaxInt64 || r.Partition < 0 {
				t.Errorf("a run of %+v", r)
			}
			if !slices.ContainsFunc(listed(&warm), func(w listedRun) bool {
				return w.Origin == r.Origin && w.first <= r.first && r.last <= w.last
			}) {
				t.Errorf("%+v is missing behind others", r)
			}
		}
	})
}
