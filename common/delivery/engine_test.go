package delivery_test

import (
	"slices"

	"github.com/tidegate/tidegate/common/chunk"
)

// The agent's side of a world.

// take moves appends from the ring into chunks.
func (w *world) take() {
	for len(w.ring) > 0 && !w.percent(20) {
		a := w.ring[0]
		w.ring = w.ring[1:]
		if w.percent(w.fault.ringLoss) {
			w.lossy = true
			continue
		}
		w.taken += int64(len(a.records))
		var stay, move []emitted
		for _, r := range a.records {
			if w.fault.strip {
				r.metadata = []byte{0x80} // an empty map
			}
			switch {
			case w.gone(r.record):
			case r.hash(7)>>8%100 < uint64(w.fault.spread):
				move = append(move, r)
			default:
				stay = append(stay, r)
			}
		}
		w.chunks = w.into(w.chunks, a.tag, stay)
		w.emitter = w.into(w.emitter, "moved", move)
	}
}

// into puts records into a new chunk, or one that no output has seen.
func (w *world) into(chunks []*agentChunk, tag string, records []emitted) []*agentChunk {
	if len(records) == 0 {
		return chunks
	}
	if n := len(chunks); n > 0 && chunks[n-1].tag == tag && !chunks[n-1].flushed() && w.percent(50) {
		chunks[n-1].records = append(chunks[n-1].records, records...)
		return chunks
	}
	return append(chunks, newAgentChunk(tag, records, len(w.outputs)))
}

func (c *agentChunk) flushed() bool {
	return slices.ContainsFunc(c.tasks, func(n int) bool { return n != 0 })
}

// flying marks a task with a flush under way.
const (
	finished = -1
	flying   = 1 << 20
)

// flush flushes what is there, and ends what was flushed.
func (w *world) flush() {
	if w.ticks++; w.ticks%max(w.interval, 1) == 0 {
		w.beginAll()
	}
	// What a filter made chunks of comes up to five seconds later.
	if w.late++; w.late == 10 || w.percent(30) {
		w.chunks = append(w.chunks, w.emitter...)
		w.emitter, w.late = nil, 0
	}
	w.land()
	w.giveTurns()
	w.chunks = slices.DeleteFunc(w.chunks, func(c *agentChunk) bool {
		return !slices.ContainsFunc(c.tasks, func(n int) bool { return n != finished })
	})
}

// beginAll starts a flush of every chunk for every output, where none is under
// way.
func (w *world) beginAll() {
	for _, c := range w.chunks {
		for o := range w.outputs {
			if c.tasks[o] == 0 && w.percent(w.fault.evict) {
				w.drop(c, o)
			} else if c.tasks[o] >= 0 && c.tasks[o] < flying {
				c.tasks[o] += flying
				w.queue(c, o)
			}
		}
	}
}

// queue starts a flush, or has it wait where an output has as many as it sends
// at a time.
func (w *world) queue(c *agentChunk, o int) {
	if w.free(o) {
		w.begin(c, o)
		return
	}
	w.queued = append(w.queued, queued{c, o, w.sinks[o].Queue(c.tag, c.data(nil), w.now)})
}

func (w *world) free(o int) bool {
	flying := 0
	for _, f := range w.flights {
		if f.output == o {
			flying++
		}
	}
	return w.fault.turns == 0 || flying < w.fault.turns
}

// giveTurns begins flushes that waited, in any order.
func (w *world) giveTurns() {
	w.rng.Shuffle(len(w.queued), func(i, j int) { w.queued[i], w.queued[j] = w.queued[j], w.queued[i] })
	w.queued = slices.DeleteFunc(w.queued, func(q queued) bool {
		if !w.free(q.output) {
			return false
		}
		q.waits.Turn(w.now)
		w.begin(q.chunk, q.output)
		return true
	})
}

// begin starts a flush.
func (w *world) begin(c *agentChunk, o int) {
	f := &flight{chunk: c, output: o, ok: !w.percent(w.fault.retry)}
	f.to = w.sinks[o].Chunk(c.tag, len(c.data(nil)))
	for _, r := range c.records {
		if f.to.Add(&chunk.Event{Metadata: r.metadata}) || slices.Contains(c.parts[o], r.record) {
			continue // delivered, in another chunk or an earlier flush of this
		}
		for _, other := range w.flights {
			if other.output == o && slices.Contains(other.sends, r.record) {
				w.overlap[o][r.record] = true
			}
		}
		f.sends = append(f.sends, r.record)
	}
	f.to.Start(w.now)
	if w.percent(w.fault.slow) {
		f.ticks = w.rng.IntN(100)
	}
	w.flights = append(w.flights, f)
}

// land ends the flushes that are due.
func (w *world) land() {
	w.flights = slices.DeleteFunc(w.flights, func(f *flight) bool {
		if f.ticks--; f.ticks >= 0 {
			return false
		}
		f.chunk.tasks[f.output] -= flying
		if f.ok {
			w.deliver(f)
			f.to.Done(w.now)
			f.chunk.tasks[f.output] = finished
			return true
		}
		if w.percent(w.fault.partial) {
			w.deliverPart(f)
		}
		f.to.Retry(w.now)
		if f.chunk.tasks[f.output]++; w.fault.retries > 0 && f.chunk.tasks[f.output] > w.fault.retries {
			w.drop(f.chunk, f.output)
		}
		return true
	})
}

// deliverPart delivers some records of a flush that asks for a retry.
func (w *world) deliverPart(f *flight) {
	got := map[int]bool{}
	all := f.sends
	f.sends = nil
	for i, r := range f.chunk.records {
		if slices.Contains(all, r.record) && w.percent(50) {
			got[i] = true
			f.sends = append(f.sends, r.record)
		}
	}
	w.deliver(f)
	f.to.Delivered(f.chunk.data(nil), func(i int) bool { return got[i] }, w.now)
	f.chunk.parts[f.output] = append(f.chunk.parts[f.output], f.sends...)
}

// data appends the chunk's bytes.
func (c *agentChunk) data(dst []byte) []byte {
	for _, r := range c.records {
		dst = chunk.AppendMapHeader(append(chunk.AppendEventHeader(dst, 1, 0), r.metadata...), 0)
	}
	return dst
}

func (w *world) deliver(f *flight) {
	for _, r := range f.sends {
		w.delivered[f.output][r] = true
		w.sent[f.output][r]++
		if w.once && w.sent[f.output][r] > 1 && !w.overlap[f.output][r] && slices.Contains(w.acked, f.output) {
			w.fail("%s got %v twice", w.outputs[f.output], r)
		}
	}
}

func (w *world) drop(c *agentChunk, o int) {
	// A drop that is not counted shows only where an output has seen the chunk:
	// nothing tells one that it has not from what filters dropped.
	evicted := c.tasks[o] == 0
	silent := !evicted && w.percent(w.fault.silent)
	c.tasks[o] = finished
	w.lossy = true
	if !silent {
		w.dropped[o] += int64(len(c.records))
		if !evicted {
			w.failed[o]++
		}
	}
}

// poll tells of drops.
func (w *world) poll() {
	for o, n := range w.dropped {
		if n > 0 {
			w.sinks[o].Dropped(n, w.failed[o], w.now)
			w.dropped[o], w.failed[o] = 0, 0
		}
	}
}
