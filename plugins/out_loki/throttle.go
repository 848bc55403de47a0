package outloki

import (
	"sync"
	"time"
)

// quiet is how long a log line of one kind keeps others of its kind back.
const quiet = 30 * time.Second

// throttle lets one line through in a while and counts what it keeps back.
// The zero value lets the first through.
type throttle struct {
	mu   sync.Mutex
	open time.Time
	held int64
}

// add counts n. It returns what was counted since the last line and true where
// a line is due.
func (t *throttle) add(now time.Time, n int64) (sum int64, due bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held += n
	if now.Before(t.open) {
		return 0, false
	}
	sum, t.held, t.open = t.held, 0, now.Add(quiet)
	return sum, true
}

// rest returns what no line has told yet.
func (t *throttle) rest() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	held := t.held
	t.held = 0
	return held
}
