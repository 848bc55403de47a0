package main

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/plugin"
)

// appended is a ledger that waits for the output "o", with one record that the
// agent took, and the chunk that it is in.
func appended(t *testing.T, now time.Time) (l *delivery.Ledger, o *delivery.Output, data []byte) {
	t.Helper()
	registry := delivery.NewRegistry(now)
	l = delivery.NewLedger(registry, delivery.Options{Source: 7, MaxInFlight: 1 << 20})
	o = registry.Join("out", "o")
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	a := l.Assign(delivery.Partition{Topic: "t", ID: 0})
	data = chunk.AppendMapHeader(chunk.AppendEventHeader(nil, 1, 0), 1)
	data = chunk.AppendMapHeader(chunk.AppendString(data, "kafka"), 4)
	data = chunk.AppendString(chunk.AppendString(data, "topic"), "t")
	data = chunk.AppendInt(chunk.AppendString(data, "partition"), 0)
	data = chunk.AppendInt(chunk.AppendString(data, "offset"), 0)
	data = chunk.AppendArrayHeader(chunk.AppendString(data, "origin"), 2)
	data = chunk.AppendUint(chunk.AppendUint(data, 7), uint64(a.Number))
	data = chunk.AppendMapHeader(data, 0)
	b := l.Batch("t")
	b.Events = append(b.Events, data...)
	b.Emit(a, 0, 0)
	if !l.Add(b, now) {
		t.Fatal("nothing to append")
	}
	l.Appended(b, now)
	l.Taken(delivery.Count{Records: 1}, now)
	return l, o, data
}

// TestQueuedIsNotFiltered holds that no offset is committed of a chunk whose
// flush waits for its turn, as behind a slow server, and that it is once the
// turn has come.
func TestQueuedIsNotFiltered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		l, o, data := appended(t, now)
		i, _ := newTestInstance(&engine{flush: func(tag string, data []byte) plugin.Result {
			c := o.Chunk(tag, len(data))
			for all := chunk.NewRecords(data); all.Next(); {
				c.Add(&all.Event)
			}
			c.Start(time.Now())
			c.Done(time.Now())
			return plugin.OK
		}})
		i.acks = o
		for range maxFlushes {
			i.turns <- struct{}{}
		}
		result := make(chan plugin.Result, 1)
		go func() { result <- i.flush("t", data) }()
		synctest.Wait()
		if next := committedAfter(l, now, 300); next > 0 {
			t.Errorf("offset %d is committed while its record waits", next)
		}
		<-i.turns
		if r := <-result; r != plugin.OK {
			t.Errorf("got %v", r)
		}
		if next := committedAfter(l, now, 1); next != 1 {
			t.Errorf("offset %d is committed after the delivery, want 1", next)
		}
	})
}

// committedAfter lets the ledger conclude what it wants for some seconds, and
// returns what may be committed then.
func committedAfter(l *delivery.Ledger, now time.Time, seconds int) (next int64) {
	for second := range seconds {
		at := now.Add(time.Duration(second) * time.Second)
		l.Taken(delivery.Count{Records: 1}, at)
		l.Redeliver(nil, at)
	}
	for _, offset := range l.Commit(nil) {
		next = offset.Next
	}
	return next
}

// TestPostponedIsNotFiltered holds that no offset is committed of a chunk that
// the agent keeps for an output which does not work.
func TestPostponedIsNotFiltered(t *testing.T) {
	for name, flush := range map[string]func(i *instance, data []byte){
		"a panic": func(i *instance, data []byte) { i.flush("t", data) },
		"after a panic": func(i *instance, data []byte) {
			i.fail(errors.New("broken"))
			_, number := i.startFlush("t", data)
			i.endFlush(number)
		},
		"an exit": func(i *instance, data []byte) {
			for range maxFlushes {
				i.turns <- struct{}{}
			}
			i.cancel()
			i.flush("t", data)
		},
	} {
		now := time.Now()
		l, o, data := appended(t, now)
		i, _ := newTestInstance(&engine{flush: func(string, []byte) plugin.Result { panic("flush is broken") }})
		i.acks = o
		flush(i, data)
		if next := committedAfter(l, now, 300); next > 0 {
			t.Errorf("%s: offset %d is committed, and nobody has its record", name, next)
		}
	}
}
