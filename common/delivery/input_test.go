package delivery_test

import (
	"slices"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/delivery"
)

// The input's side of a world.

// read makes a batch.
func (w *world) read() {
	if w.ledger.Full() {
		return
	}
	b := w.ledger.Batch("kafka")
	for range 1 + w.rng.IntN(3) {
		id := int32(w.rng.IntN(len(w.logs)))
		if w.assigned[id] != nil {
			w.readFrom(b, id)
		}
	}
	if w.ledger.Add(b, w.now) {
		w.unappended = append(w.unappended, b)
	}
}

func (w *world) readFrom(b *delivery.Batch, id int32) {
	a := w.ledger.Assigned(topic, id)
	log := w.logs[id]
	at, _ := slices.BinarySearch(log, w.position[id])
	for range w.rng.IntN(60) {
		if at == len(log) {
			return
		}
		offset := log[at]
		at++
		w.position[id] = offset + 1
		if offset%17 == 0 {
			b.Pass(a, offset+1) // a tombstone
			continue
		}
		b.Events = chunk.AppendEventHeader(b.Events, uint32(w.now.Unix()), 0)
		b.Events = appendMetadata(b.Events, theSrc, a.Number, id, offset)
		b.Events = chunk.AppendMapHeader(b.Events, 0)
		b.Emit(a, offset, w.now.UnixMilli())
	}
}

func appendMetadata(dst []byte, source uint64, assignment uint32, partition int32, offset int64) []byte {
	dst = chunk.AppendString(chunk.AppendMapHeader(dst, 1), "kafka")
	dst = chunk.AppendString(chunk.AppendString(chunk.AppendMapHeader(dst, 4), "topic"), topic)
	dst = chunk.AppendInt(chunk.AppendString(dst, "partition"), int64(partition))
	dst = chunk.AppendInt(chunk.AppendString(dst, "offset"), offset)
	dst = chunk.AppendArrayHeader(chunk.AppendString(dst, "origin"), 2)
	return chunk.AppendUint(chunk.AppendUint(dst, source), uint64(assignment))
}

// collect is what the input does once a second or more often.
func (w *world) collect() {
	w.ledger.Taken(delivery.Count{Records: w.taken}, w.now)
	for _, r := range w.ledger.Redeliver(nil, w.now) {
		if !w.lossy {
			w.fail("redelivered (%v) though nothing was lost", r.Why)
		}
		w.append(r.Batch)
	}
	if w.ledger.Hold() {
		return
	}
	for len(w.unappended) > 0 {
		if w.percent(w.fault.ringFull) {
			return
		}
		w.append(w.unappended[0])
		w.unappended = w.unappended[1:]
	}
}

func (w *world) append(b *delivery.Batch) {
	a := appended{tag: b.Tag}
	for all := chunk.NewRecords(b.Events); all.Next(); {
		a.records = append(a.records, w.parse(all.Event.Metadata))
	}
	if len(a.records) != b.Records() {
		w.fail("a batch holds %d records, not %d", len(a.records), b.Records())
	}
	w.ring = append(w.ring, a)
	w.ledger.Appended(b, w.now)
}

// parse reads a record's name without the package under test.
func (w *world) parse(metadata []byte) emitted {
	e := emitted{metadata: slices.Clone(metadata)}
	for origin := range chunk.Values(metadata, "kafka") {
		for v := range chunk.Values(origin, "partition") {
			n, _, _ := chunk.ReadUint(v)
			e.partition = int32(n)
		}
		for v := range chunk.Values(origin, "offset") {
			n, _, _ := chunk.ReadUint(v)
			e.offset = int64(n)
		}
	}
	return e
}

// commit holds an offset against the truth.
func (w *world) commit(o delivery.Offset) {
	before := w.committed[o.ID]
	if o.Next < before {
		w.fail("partition %d: committed %d after %d", o.ID, o.Next, before)
	}
	for _, offset := range w.logs[o.ID] {
		r := record{o.ID, offset}
		if offset < before || offset >= o.Next || offset%17 == 0 || w.gone(r) {
			continue
		}
		for _, out := range w.acked {
			if !w.delivered[out][r] {
				w.fail("partition %d: committed %d, but %s does not have %d", o.ID, o.Next, w.outputs[out], offset)
			}
		}
	}
	w.committed[o.ID] = max(before, o.Next)
}
