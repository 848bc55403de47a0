package delivery

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// TestOwnTagIsNotSpread holds that what is filtered of batches under the input's
// own tag, which the ledger is not told, settles as soon as under a topic's: all
// of it counts as in flight until then.
func TestOwnTagIsNotSpread(t *testing.T) {
	t.Parallel()
	const batches = 3 * wholes
	for _, c := range []struct {
		name   string
		tag    func(batch int) string
		spread bool
	}{
		{"own", func(int) string { return "kafka.0" }, false},
		{"rewritten", func(batch int) string { return [...]string{"kafka.0", "errors"}[batch%2] }, true},
	} {
		r := NewRegistry(start)
		l := NewLedger(r, Options{Source: originA.Source, MaxInFlight: 1 << 20})
		out := r.Join("out", "o")
		if err := l.Start(); err != nil {
			t.Fatal(err)
		}
		a, now := l.Assign(theOne), start
		origin := Origin{originA.Source, theOne.Topic, theOne.ID, a.Number}
		for n := range batches {
			first := int64(2 * n)
			b := l.Batch("")
			b.Events = append(b.Events, 0, 0)
			b.Emit(a, first, 0)
			b.Emit(a, first+1, 0)
			l.Add(b, now)
			l.Appended(b, now)
			ch := out.Chunk(c.tag(n), 1)
			ch.Add(&chunk.Event{Metadata: metadata(nil, origin, first)}) // the other one was filtered
			ch.Start(now)
			ch.Done(now)
			now = now.Add(l.options.Settle + time.Second)
			l.Taken(Count{Records: int64(2 * (n + 1))}, now)
			l.Redeliver(nil, now)
		}
		if short := l.shape.settle(&l.options.Times) == l.options.Settle; short == c.spread {
			t.Errorf("%s: the short time is used: %v", c.name, short)
		}
	}
}

// TestSecondCopyInRing holds that a first copy which is seen while the second one
// is appended does not vouch for that one.
func TestSecondCopyInRing(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	p.emit(0, 9, start)
	p.ledger.Taken(Count{Records: 10}, start)
	p.chunk(0, p.a.Number, 0, 4, start).Retry(start) // a filter made two chunks of it
	p.outputs[0].Dropped(5, 1, start)
	now := start.Add(p.ledger.options.Again)
	again := p.ledger.Redeliver(nil, now)
	if len(again) != 1 {
		t.Fatalf("%d batches come again", len(again))
	}
	rest := p.chunk(0, p.a.Number, 5, 9, now)
	p.ledger.Appended(again[0].Batch, now)
	rest.Done(now)
	p.emit(10, 19, now)
	p.chunk(0, p.a.Number, 10, 19, now).Done(now)
	p.committed(0)
	for range 30 {
		now = now.Add(time.Second)
		p.ledger.Taken(Count{Records: 20}, now) // of 30: the ring lost the second copy
		if again := p.ledger.Redeliver(nil, now); len(again) > 0 {
			return
		}
		p.committed(-1)
	}
	t.Error("the second copy was lost, and nothing comes again")
}

// TestNoCopyWithoutAppend holds that a batch which is not appended again after
// all, since its partition went, leaves no copies that outputs would look for.
func TestNoCopyWithoutAppend(t *testing.T) {
	t.Parallel()
	p := newPair(t, "a")
	p.emit(0, 9, start)
	p.chunk(0, p.a.Number, 0, 9, start).Retry(start)
	p.outputs[0].Dropped(10, 1, start)
	again := p.ledger.Redeliver(nil, start.Add(time.Minute))
	if len(again) != 1 || p.ledger.copies.Load() != 1 {
		t.Fatalf("%d batches come again, %d copies", len(again), p.ledger.copies.Load())
	}
	p.ledger.Revoke(theOne)
	if p.ledger.Needed(again[0].Batch) || p.ledger.copies.Load() != 0 {
		t.Errorf("%d copies of nothing", p.ledger.copies.Load())
	}
}

// TestLettersAreNotOverdue holds that a batch of which only a dead letter is left
// is not appended again, however long that takes.
func TestLettersAreNotOverdue(t *testing.T) {
	t.Parallel()
	for _, delivered := range []bool{true, false} {
		p := newPair(t, "a")
		b := p.ledger.Batch("kafka")
		b.Events = append(b.Events, 0)
		b.Emit(p.a, 0, 0)
		b.EmitDeadLetter(p.a, 1, 0)
		p.ledger.Add(b, start)
		p.ledger.Appended(b, start)
		if delivered {
			p.chunk(0, p.a.Number, 0, 0, start).Done(start)
		}
		late := start.Add(p.ledger.options.LastResort)
		if again := p.ledger.Redeliver(nil, late); len(again) > 0 == delivered {
			t.Errorf("delivered %v: %d batches come again", delivered, len(again))
		}
		p.ledger.DeadLettered(p.a, 1, late)
	}
}
