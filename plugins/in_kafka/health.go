package inkafka

import (
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/throttle"
)

// health tells an input that gets nowhere: records are on the way, and no offset
// moves. What the cause is, an output says in its own lines. It is looked at by
// the reader, which goes on while the agent has paused the input.
type health struct {
	log   *slog.Logger
	after time.Duration // without progress is stuck
	stuck atomic.Bool

	moved    time.Time // when there was progress, or nothing on the way
	line     throttle.Line
	stripped throttle.Line
}

// look is called a few times a second.
func (h *health) look(now time.Time, l *delivery.Ledger, progress bool) {
	if output, is := l.Stripped(now); is {
		if _, due := h.stripped.Add(now, 1); due {
			h.log.Error("an output gets records without origin, as a filter that drops their metadata makes them; "+
				"their offsets are not committed; origin_in record keeps the origin in the record", "output", output)
		}
	}
	if progress || h.moved.IsZero() || l.Stats().Records == 0 {
		h.moved = now
		if h.stuck.Swap(false) {
			h.log.Info("progress again: records on the way were delivered")
		}
		return
	}
	since := now.Sub(h.moved)
	if since < h.after {
		return
	}
	h.stuck.Store(true)
	if _, due := h.line.Add(now, 1); due {
		h.log.Warn("no progress: nothing of what is on the way was delivered",
			"for", since.Round(time.Second), "records", l.Stats().Records, "ack_from", strings.Join(l.Outputs(), ","))
	}
}
