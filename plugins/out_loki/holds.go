package outloki

import (
	"sync"
	"time"
)

// holds keep an output from sending to a tenant for as long as the server asked.
// The zero value is ready. It is safe for concurrent use.
type holds struct {
	mu sync.Mutex
	of map[string]time.Time
}

// maxHolds bounds the tenants, whose names come from records. One that there is
// no room for is asked again earlier than it wants, and answers the same.
const maxHolds = 1 << 12

func (h *holds) active(tenant string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return now.Before(h.of[tenant])
}

// until holds until then, or until a later time that was asked for before.
func (h *holds) until(tenant string, now, then time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of == nil {
		h.of = map[string]time.Time{}
	}
	if len(h.of) >= maxHolds {
		for t, end := range h.of {
			if !now.Before(end) {
				delete(h.of, t)
			}
		}
	}
	if old, is := h.of[tenant]; is && !old.Before(then) || !is && len(h.of) >= maxHolds {
		return
	}
	h.of[tenant] = then
}
