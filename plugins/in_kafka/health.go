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

	// blocked is the time of the message, in Unix milliseconds, that the reader
	// holds because it has no place: its schema or its dead letter waits for a
	// server. 0 is none.
	blocked atomic.Int64

	moved    time.Time // when there was progress, or nothing on the way
	line     throttle.Line
	stripped throttle.Line
	late     int64 // of the ledger's, told of
	lateLine throttle.Line
}

// look is called a few times a second.
func (h *health) look(now time.Time, l *delivery.Ledger, progress bool) {
	if output, is := l.Stripped(now); is {
		if _, due := h.stripped.Add(now, 1); due {
			h.log.Error("an output gets records without origin, as a filter that drops their metadata makes them; "+
				"so nobody can tell which of them it delivered: offsets move only after a minute in which it has nothing to do; "+
				"origin_in record keeps the origin in the record", "output", output)
		}
	}
	stats, blocked := l.Stats(), h.blocked.Load() != 0
	if late := stats.Late - h.late; late > 0 {
		h.late = stats.Late
		if n, due := h.lateLine.Add(now, late); due {
			h.log.Error("records came to an output after they were taken for filtered out and their offsets committed; "+
				"Flush of [SERVICE] must be 30 seconds at most", "records", n)
		}
	}
	if progress || h.moved.IsZero() || stats.Records == 0 && !blocked {
		h.moved = now
		if h.stuck.Swap(false) {
			h.log.Info("progress again")
		}
		return
	}
	since := now.Sub(h.moved)
	if since < h.after {
		return
	}
	h.stuck.Store(true)
	if _, due := h.line.Add(now, 1); due {
		text := "no progress: nothing of what is on the way was delivered"
		if blocked && stats.Records == 0 {
			text = "no progress: the reading waits for a schema registry or for the brokers of dead_letter_topic"
		}
		h.log.Warn(text, "for", since.Round(time.Second), "records", stats.Records, "ack_from", strings.Join(l.Outputs(), ","))
	}
}
