package delivery

import (
	"math/bits"
	"sort"
	"sync"
)

// segment is what one batch holds of one partition's assignment. It outlives
// the batch while older records of the partition are unfinished.
type segment struct {
	owner *Assignment
	batch *Batch // nil once the batch is finished or the partition is gone

	// spans are the emitted offsets; between them is nothing to wait for. There
	// is one, but in a compacted topic.
	spans []span
	// next is the offset behind all that was read, emitted or not.
	next       int64
	records    int
	unfinished int
	oldest     int64 // the time of the first record, in Unix milliseconds

	// state has, for each output, a bit per record for each of its states.
	state   []uint64
	words   int // of one state
	outputs int
}

// span is n offsets without a gap; the first is the segment's record at.
type span struct {
	first int64
	n, at int
}

// The states of a record at an output.
const (
	done    = iota // delivered, rejected or filtered
	waiting        // in a chunk that the output sends or will get again
	states
)

var segments = sync.Pool{New: func() any { return new(segment) }}

func getSegment(a *Assignment) *segment {
	s := segments.Get().(*segment)
	*s = segment{owner: a, spans: s.spans[:0], state: s.state[:0]}
	return s
}

// putSegment gives back what neither a batch nor a partition's queue has.
func putSegment(s *segment) {
	s.owner, s.batch = nil, nil
	if cap(s.spans) <= maxRuns {
		segments.Put(s)
	}
}

// emit adds a record.
func (s *segment) emit(offset, time int64) {
	if n := len(s.spans); n > 0 && s.next == offset && s.spans[n-1].first+int64(s.spans[n-1].n) == offset {
		s.spans[n-1].n++
	} else {
		s.spans = append(s.spans, span{offset, 1, s.records})
	}
	if s.records == 0 {
		s.oldest = time
	}
	s.records++
	s.next = offset + 1
}

// from is the first emitted offset, or next if there is none.
func (s *segment) from() int64 {
	if len(s.spans) == 0 {
		return s.next
	}
	return s.spans[0].first
}

// prepare makes room for the states at outputs.
func (s *segment) prepare(outputs int) {
	s.unfinished = s.records
	s.outputs, s.words = outputs, (s.records+63)/64
	n := outputs * states * s.words
	if cap(s.state) < n {
		s.state = make([]uint64, n)
		return
	}
	s.state = s.state[:n]
	clear(s.state)
}

func (s *segment) bits(output, state int) []uint64 {
	at := (output*states + state) * s.words
	return s.state[at : at+s.words]
}

// covered calls f with the records [from, to) of each stretch of offsets from
// first to last.
func (s *segment) covered(first, last int64, f func(from, to int)) {
	i := 0
	if len(s.spans) > 1 {
		i = sort.Search(len(s.spans), func(i int) bool { return s.spans[i].first+int64(s.spans[i].n) > first })
	}
	for ; i < len(s.spans) && s.spans[i].first <= last; i++ {
		p := &s.spans[i]
		from := max(first-p.first, 0)
		to := min(last-p.first+1, int64(p.n))
		if from < to {
			f(p.at+int(from), p.at+int(to))
		}
	}
}

// mask returns the bits of the records [from, to) that are in word w.
func mask(w, from, to int) uint64 {
	m := ^uint64(0)
	if low := from - w*64; low > 0 {
		m <<= low
	}
	if over := (w+1)*64 - to; over > 0 {
		m &= ^uint64(0) >> over
	}
	return m
}

// finish marks records as done at an output, and returns how many were not, how
// many of these waited, and how many are now finished.
func (s *segment) finish(output, from, to int) (fresh, waited, finished int) {
	d, p := s.bits(output, done), s.bits(output, waiting)
	for w := from / 64; w*64 < to; w++ {
		m := mask(w, from, to)
		added := m &^ d[w]
		waited += bits.OnesCount64(p[w] & m)
		p[w] &^= m
		if added == 0 {
			continue
		}
		d[w] |= m
		fresh += bits.OnesCount64(added)
		for o := range s.outputs {
			added &= s.bits(o, done)[w]
		}
		finished += bits.OnesCount64(added)
	}
	s.unfinished -= finished
	return fresh, waited, finished
}

// wait marks records that are not done as waiting, and returns how many were
// not.
func (s *segment) wait(output, from, to int) (fresh int) {
	d, p := s.bits(output, done), s.bits(output, waiting)
	for w := from / 64; w*64 < to; w++ {
		added := mask(w, from, to) &^ d[w] &^ p[w]
		p[w] |= added
		fresh += bits.OnesCount64(added)
	}
	return fresh
}

// unwait takes that back, and returns how many waited.
func (s *segment) unwait(output, from, to int) (waited int) {
	p := s.bits(output, waiting)
	for w := from / 64; w*64 < to; w++ {
		m := mask(w, from, to)
		waited += bits.OnesCount64(p[w] & m)
		p[w] &^= m
	}
	return waited
}

// idle calls f with the records [from, to) of each stretch that does not wait.
func (s *segment) idle(output int, f func(from, to int)) {
	waits := s.bits(output, waiting)
	from := 0
	for i := range s.records {
		if waits[i/64]&(1<<(i%64)) == 0 {
			continue
		}
		if from < i {
			f(from, i)
		}
		from = i + 1
	}
	if from < s.records {
		f(from, s.records)
	}
}

// has returns whether all of the records are done at an output.
func (s *segment) has(output, from, to int) bool {
	d := s.bits(output, done)
	for w := from / 64; w*64 < to; w++ {
		if mask(w, from, to)&^d[w] != 0 {
			return false
		}
	}
	return true
}

// committable returns the first offset that is not finished.
func (s *segment) committable() int64 {
	if s.outputs == 0 {
		return s.from() // before Start
	}
	for w := range s.words {
		all := mask(w, 0, s.records)
		open := all
		for o := range s.outputs {
			all &= s.bits(o, done)[w]
		}
		if open &^= all; open != 0 {
			return s.offset(w*64 + bits.TrailingZeros64(open))
		}
	}
	return s.next
}

// offset returns the offset of a record.
func (s *segment) offset(record int) int64 {
	i := sort.Search(len(s.spans), func(i int) bool { return s.spans[i].at > record }) - 1
	return s.spans[i].first + int64(record-s.spans[i].at)
}

func count(words []uint64) int {
	n := 0
	for _, w := range words {
		n += bits.OnesCount64(w)
	}
	return n
}
