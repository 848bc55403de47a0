package outloki

import (
	"time"

	"github.com/tidegate/tidegate/common/resume"
)

// maxPatient and keepPatient are those of package attempt for chunks that wait.
const (
	maxPatient  = 1024
	keepPatient = time.Hour
)

// patience knows since when chunks wait. nil waits for ever.
type patience struct {
	after  time.Duration
	chunks *resume.Store[waited]
}

// waited is when a chunk had to wait for the first time, and for the last.
type waited struct{ first, last time.Time }

func newPatience(after time.Duration) *patience {
	if after == 0 {
		return nil
	}
	return &patience{after: after, chunks: resume.New[waited](maxPatient, after+keepPatient)}
}

// isOver reports whether a chunk waits for long enough, though the server has
// stored others since it last came back: one that is away for a night costs
// nothing.
func (p *patience) isOver(tag string, data []byte, now time.Time, lastGood int64) bool {
	if p == nil {
		return false
	}
	w, is := p.chunks.Claim(tag, data)
	if !is {
		return false
	}
	p.chunks.Keep(tag, data, w)
	return now.Sub(w.first) >= p.after && lastGood > w.last.UnixNano()
}

// again notes that a chunk has to wait.
func (p *patience) again(tag string, data []byte, now time.Time) {
	if p == nil {
		return
	}
	w, is := p.chunks.Claim(tag, data)
	if !is {
		w.first = now
	}
	w.last = now
	p.chunks.Keep(tag, data, w)
}
