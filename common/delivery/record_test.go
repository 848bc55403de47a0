package delivery

import (
	"bytes"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// inRecord is a record of n members with its origin in it, at a place.
func inRecord(assignment uint32, offset int64, n, at int) []byte {
	body := chunk.AppendMapHeader(nil, n+1)
	for i := range n + 1 {
		if i == at {
			body = chunk.AppendMapHeader(chunk.AppendString(body, RecordKey), 4)
			body = chunk.AppendString(chunk.AppendString(body, "topic"), theOne.Topic)
			body = chunk.AppendInt(chunk.AppendString(body, "partition"), int64(theOne.ID))
			body = chunk.AppendInt(chunk.AppendString(body, "offset"), offset)
			body = chunk.AppendArrayHeader(chunk.AppendString(body, "origin"), 2)
			body = chunk.AppendUint(chunk.AppendUint(body, originA.Source), uint64(assignment))
			continue
		}
		body = chunk.AppendInt(chunk.AppendString(body, "k"), int64(i))
	}
	return body
}

func TestOriginInRecord(t *testing.T) {
	t.Parallel()
	registry := NewRegistry(start)
	output := registry.Join("tidegate_loki", "loki")
	l := NewLedger(registry, Options{Source: originA.Source, InRecord: true, MaxInFlight: 1 << 20})
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	a := l.Assign(theOne)
	b := l.Batch("t")
	for i := range int64(20) {
		b.Emit(a, i, 0)
		b.Events = append(b.Events, 1)
	}
	l.Add(b, start)
	l.Appended(b, start)
	l.Commit(nil)

	c := output.Chunk("t", 1)
	for i := range int64(20) {
		ev := chunk.Event{Body: inRecord(a.Number, i, int(i), int(i)/2)}
		c.Add(&ev)
		c.Strip(&ev)
		want := chunk.AppendMapHeader(nil, int(i))
		for k := range int(i) + 1 {
			if k != int(i)/2 {
				want = chunk.AppendInt(chunk.AppendString(want, "k"), int64(k))
			}
		}
		if !bytes.Equal(ev.Body, want) {
			t.Errorf("%x is left of record %d, want %x", ev.Body, i, want)
		}
	}
	c.Start(start)
	c.Done(start)
	wantCommit(t, l, "after the delivery", 20)
}

// TestOriginInPayload holds that a producer cannot finish the records of others
// with an origin in its payload, which stands behind the real one.
func TestOriginInPayload(t *testing.T) {
	t.Parallel()
	registry := NewRegistry(start)
	output := registry.Join("tidegate_loki", "loki")
	l := NewLedger(registry, Options{Source: originA.Source, InRecord: true, MaxInFlight: 1 << 20})
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	a := l.Assign(theOne)
	b := l.Batch("t")
	b.Emit(a, 0, 0)
	b.Emit(a, 1, 0)
	b.Events = append(b.Events, 1)
	l.Add(b, start)
	l.Appended(b, start)
	real, forged := inRecord(a.Number, 1, 0, 0), inRecord(a.Number, 0, 0, 0)
	c := output.Chunk("t", 1)
	c.Add(&chunk.Event{Body: append(append([]byte{0x82}, real[1:]...), forged[1:]...)})
	c.Start(start)
	c.Done(start)
	wantCommit(t, l, "while nobody has the first record", 0)
}

func TestStripLeavesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	for _, body := range [][]byte{nil, {0xc1}, {0x82, 0xa1, 'a'}, {0x81, 0xa1, 'a', 1}} {
		c := Chunk{inRecord: true}
		ev := chunk.Event{Body: body}
		if c.Strip(&ev); !bytes.Equal(ev.Body, body) {
			t.Errorf("%x became %x", body, ev.Body)
		}
	}
}

// TestStripped holds that a filter that drops metadata is noticed, and that
// other inputs' records alone are no sign of one.
func TestStripped(t *testing.T) {
	t.Parallel()
	registry := NewRegistry(start)
	output := registry.Join("tidegate_loki", "loki")
	l := NewLedger(registry, Options{Source: originA.Source, MaxInFlight: 1 << 20})
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	a := l.Assign(theOne)
	stranger := func(now time.Time) {
		c := output.Chunk("t", 1)
		c.Add(&chunk.Event{Body: []byte{0x80}})
		c.Start(now)
		c.Done(now)
	}
	appendOne := func(offset int64, now time.Time) {
		b := l.Batch("t")
		b.Events = append(b.Events, 1)
		b.Emit(a, offset, 0)
		l.Add(b, now)
		l.Appended(b, now)
	}
	check := func(when string, now time.Time, want bool) {
		t.Helper()
		if name, is := l.Stripped(now); is != want || is && name != "loki" {
			t.Errorf("%s: %q, %v", when, name, is)
		}
	}
	stranger(start)
	check("nothing in flight", start.Add(time.Minute), false)
	appendOne(0, start.Add(time.Second))
	check("nothing came since", start.Add(time.Minute), false)
	stranger(start.Add(2 * time.Second))
	check("too early to tell", start.Add(3*time.Second), false)
	check("records without origin", start.Add(time.Minute), true)
	c := output.Chunk("t", 1)
	c.Add(&chunk.Event{Metadata: metadata(nil, Origin{originA.Source, theOne.Topic, theOne.ID, a.Number}, 0)})
	c.Start(start.Add(time.Minute))
	check("it came after all", start.Add(time.Minute), false)
}
