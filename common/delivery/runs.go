package delivery

// Origin is where a record came from, but for its offset.
type Origin struct {
	// Source stands for a group on a cluster.
	Source     uint64
	Topic      string
	Partition  int32
	Assignment uint32
}

// Runs collects the origins of many records as runs of offsets without a gap.
// A gap splits a run: what is in it may be in some other chunk.
//
// It is for one goroutine, and allocates nothing once it has seen the like.
type Runs struct {
	runs []run
	// The origins seen so far stay over a Reset, since the next chunk has the
	// same.
	origins []seenOrigin
	last    int // the origin of the last record, -1 for none
	// index is used above fewOrigins: searching would be quadratic in what
	// hostile metadata names.
	index map[Origin]int
}

type run struct {
	origin      int
	first, last int64
}

// seenOrigin is an origin with what makes the next record of it cheap.
type seenOrigin struct {
	Origin
	run int // its last run, -1 for none
	// then is the origin that followed it the last time: partitions that
	// alternate do so in turns.
	then  int
	frame frame
}

const (
	fewOrigins = 16
	// maxOrigins is how many a Reset lets stay.
	maxOrigins = 1024
	// maxRuns bounds the memory that a Reset keeps.
	maxRuns = 1 << 16
)

// Reset empties r.
func (r *Runs) Reset() {
	r.last = -1
	if r.runs = r.runs[:0]; cap(r.runs) > maxRuns {
		r.runs = nil
	}
	if len(r.origins) > maxOrigins {
		r.origins, r.index = nil, nil
	}
	for i := range r.origins {
		r.origins[i].run = -1
	}
}

// Len returns the number of runs.
func (r *Runs) Len() int { return len(r.runs) }

// Add adds a record.
func (r *Runs) Add(o Origin, offset int64) { r.add(r.find(o), offset) }

// add adds a record of a known origin.
func (r *Runs) add(origin int, offset int64) {
	o := &r.origins[origin]
	r.last = origin
	if o.run >= 0 && r.runs[o.run].last+1 == offset {
		r.runs[o.run].last = offset
		return
	}
	o.run = len(r.runs)
	r.runs = append(r.runs, run{origin, offset, offset})
}

// find returns the origin's place, which it makes if need be.
func (r *Runs) find(o Origin) int {
	if len(r.runs) == 0 {
		r.last = -1 // also for the zero value
	}
	at := r.search(o)
	if at < 0 {
		at = len(r.origins)
		r.origins = append(r.origins, seenOrigin{Origin: o, run: -1, then: at, frame: newFrame(o)})
		r.indexFrom(at)
	}
	if r.last >= 0 {
		r.origins[r.last].then = at
	}
	return at
}

func (r *Runs) search(o Origin) int {
	if len(r.origins) > fewOrigins {
		if at, ok := r.index[o]; ok {
			return at
		}
		return -1
	}
	for i := range r.origins {
		if r.origins[i].Origin == o {
			return i
		}
	}
	return -1
}

// indexFrom keeps the index up to date with the origins behind at.
func (r *Runs) indexFrom(at int) {
	if len(r.origins) <= fewOrigins {
		return
	}
	if r.index == nil {
		r.index, at = map[Origin]int{}, 0
	}
	for ; at < len(r.origins); at++ {
		r.index[r.origins[at].Origin] = at
	}
}

// lastTwice returns whether the last record was there before. It looks through
// all runs.
func (r *Runs) lastTwice() bool {
	own := r.origins[r.last].run
	offset := r.runs[own].last
	for i := range r.runs {
		if run := &r.runs[i]; run.origin == r.last && i != own && run.first <= offset && offset <= run.last {
			return true
		}
	}
	return false
}

// copyOf returns runs that hold what r does, and nothing else.
func copyOf(r *Runs) *Runs {
	c := &Runs{runs: append([]run(nil), r.runs...), origins: make([]seenOrigin, len(r.origins))}
	for i := range r.origins {
		c.origins[i] = seenOrigin{Origin: r.origins[i].Origin}
	}
	return c
}
