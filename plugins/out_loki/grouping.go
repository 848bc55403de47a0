package outloki

import (
	"cmp"
	"slices"
	"time"
)

// grouping gathers the entries of a chunk by stream and cuts them into pushes.
// Its memory grows with the streams of a chunk.
type grouping struct {
	// place is, by stream, one above the index of its run; 0 for none.
	place   []int32
	runs    []streamRun
	scratch []entry
}

// streamRun is the entries of one stream in a chunk.
type streamRun struct {
	stream         int32
	tenant         string
	key            uint64 // in memory
	count, bytes   int
	oldest, newest int64
	// alone says that Loki could refuse some of them: no other stream may be in
	// their push. isNew says that it is because the stream may have to be made.
	alone, isNew bool
	waited       int64 // when Loki last refused it alone, 0 for never
	// next is where its next entry goes.
	next int
}

// push is what goes in one request: entries of one tenant, stream by stream.
type push struct {
	tenant  string
	entries []entry
	streams []streamRun
}

// chain is pushes that go one after the other, because a stream is in several.
type chain []push

// arrange puts entries that are in the order of time stream by stream, each in
// the order of time, and cuts them into pushes of about size bytes. Chains are
// independent of each other.
func (b *batch) arrange(size int, m *memory, now time.Time) []chain {
	g := &b.grouping
	g.count(b.entries, b.streams.texts.len())
	for i := range g.runs {
		g.runs[i].tenant = b.streams.tenant(g.runs[i].stream)
	}
	m.look(g.runs, &b.streams, now)
	g.order()
	g.gather(b.entries)
	return b.cut(size)
}

// count makes the runs.
func (g *grouping) count(entries []entry, streams int) {
	if streams > len(g.place) {
		g.place = make([]int32, streams)
	}
	for i := range entries {
		e := &entries[i]
		at := g.place[e.stream]
		if at == 0 {
			g.runs = append(g.runs, streamRun{stream: e.stream, oldest: e.time})
			at = int32(len(g.runs))
			g.place[e.stream] = at
		}
		r := &g.runs[at-1]
		r.count++
		r.bytes += e.size() + entryOverhead
		r.newest = e.time
	}
}

// order sorts the runs as they are to be pushed: by tenant, those that go alone
// at the end.
//
// An ingester answers for the last of its streams only. So the one with the
// oldest entry comes last: where that is within Loki's window, all are, even if
// the window is not what the configuration says. Those that go alone go oldest
// first, but the ones that had to wait before come behind the others: a flush
// tries only so many that are refused.
func (g *grouping) order() {
	if len(g.runs) < 2 {
		return
	}
	slices.SortStableFunc(g.runs, func(a, b streamRun) int { // they came by their oldest entry
		c := cmp.Compare(a.tenant, b.tenant)
		switch {
		case c != 0:
			return c
		case a.alone && b.alone:
			return cmp.Compare(a.waited, b.waited)
		case a.alone:
			return 1
		case b.alone:
			return -1
		}
		return cmp.Compare(b.oldest, a.oldest)
	})
	for i := range g.runs {
		g.place[g.runs[i].stream] = int32(i + 1)
	}
}

// gather moves the entries to their runs' places.
func (g *grouping) gather(entries []entry) {
	if len(g.runs) < 2 {
		return
	}
	next := 0
	for i := range g.runs {
		g.runs[i].next = next
		next += g.runs[i].count
	}
	g.scratch = append(g.scratch[:0], entries...)
	for i := range g.scratch {
		r := &g.runs[g.place[g.scratch[i].stream]-1]
		entries[r.next] = g.scratch[i]
		r.next++
	}
}

// entryOverhead is what an entry costs in a push beside its own bytes: a tag
// and a length. A stream costs as much, and its labels.
const entryOverhead = 4

// cut cuts the gathered entries into pushes. A stream that would not fit into
// what is left of one begins the next; only one that is larger than a whole
// push is cut, and its pushes are a chain.
func (b *batch) cut(size int) (chains []chain) {
	g := &b.grouping
	entries := b.entries
	for first := 0; first < len(g.runs); {
		r := &g.runs[first]
		last, total, count := first+1, b.cost(r), r.count
		for ; last < len(g.runs) && !r.alone; last++ {
			next := &g.runs[last]
			if next.alone || next.tenant != r.tenant || total+b.cost(next) > size {
				break
			}
			total += b.cost(next)
			count += next.count
		}
		all := push{r.tenant, entries[:count], g.runs[first:last]}
		if last == first+1 && total > size {
			chains = append(chains, all.slices(size))
		} else {
			chains = append(chains, chain{all})
		}
		entries = entries[count:]
		first = last
	}
	return chains
}

// cost is what a stream takes in a push.
func (b *batch) cost(r *streamRun) int {
	return r.bytes + len(b.streams.texts.get(r.stream)) + 2*entryOverhead
}

// slices cuts a push of one stream into several of about size bytes, each of at
// least one entry.
func (p push) slices(size int) (all chain) {
	for from := 0; from < len(p.entries); {
		to, total := from, 0
		for ; to < len(p.entries); to++ {
			if total += p.entries[to].size() + entryOverhead; total > size && to > from {
				break
			}
		}
		all = append(all, push{p.tenant, p.entries[from:to], p.streams})
		from = to
	}
	return all
}

// reset forgets the chunk.
func (g *grouping) reset() {
	for i := range g.runs {
		g.place[g.runs[i].stream] = 0
	}
	clear(g.runs)
	g.runs = g.runs[:0]
}
