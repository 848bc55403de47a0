package httpsend

import (
	"sync/atomic"
	"time"
)

// Hold keeps an output from sending for as long as its server asked. The zero
// value holds nothing. It is safe for concurrent use.
type Hold struct {
	// until is in Unix nanoseconds.
	until atomic.Int64
}

// Active reports whether nothing is to be sent now.
func (h *Hold) Active(now time.Time) bool { return now.UnixNano() < h.until.Load() }

// Until holds until then, or until a later time that was asked for before.
func (h *Hold) Until(then time.Time) {
	for {
		old := h.until.Load()
		if then.UnixNano() <= old || h.until.CompareAndSwap(old, then.UnixNano()) {
			return
		}
	}
}
