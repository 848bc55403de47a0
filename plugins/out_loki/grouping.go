package outloki

// grouping counts and gathers the entries of a push by stream. Its memory
// grows with the streams of a chunk, its work with the entries of a push.
type grouping struct {
	// counts has an element for each stream; those of the streams in touched
	// are not zero.
	counts  []int
	touched []int32
	scratch []entry
}

// start forgets what was counted and makes room for n streams.
func (g *grouping) start(n int) {
	for _, stream := range g.touched {
		g.counts[stream] = 0
	}
	g.touched = g.touched[:0]
	if n > len(g.counts) {
		g.counts = make([]int, n)
	}
}

// count counts an entry and returns how many its stream now has.
func (g *grouping) count(stream int32) int {
	if g.counts[stream] == 0 {
		g.touched = append(g.touched, stream)
	}
	g.counts[stream]++
	return g.counts[stream]
}

// gather puts entries that are in the order of time stream by stream, each
// stream in the order of time, streams by their oldest entry.
func (g *grouping) gather(entries []entry, streams int) {
	g.start(streams)
	for i := range entries {
		g.count(entries[i].stream)
	}
	if len(g.touched) < 2 {
		return
	}
	next := 0
	for _, stream := range g.touched {
		next, g.counts[stream] = next+g.counts[stream], next
	}
	g.scratch = append(g.scratch[:0], entries...)
	for _, e := range g.scratch {
		entries[g.counts[e.stream]] = e
		g.counts[e.stream]++
	}
}
