package schema

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/tidegate/tidegate/common/throttle"
)

const (
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
)

// outage keeps a registry that failed from being asked by every record: the
// pause doubles with each failure.
type outage struct {
	log   *slog.Logger
	line  throttle.Line
	err   error // nil: the registry answers
	until time.Time
	pause time.Duration
}

// holds returns the error of the last try while it is too early for another.
func (o *outage) holds(now time.Time) error {
	if o.err != nil && now.Before(o.until) {
		return o.err
	}
	return nil
}

// failed notes a failure and returns it.
func (o *outage) failed(now time.Time, err error) error {
	o.err = err
	o.pause = min(max(2*o.pause, firstPause), lastPause)
	// Agents that failed together come back apart.
	o.until = now.Add(o.pause - rand.N(o.pause/4))
	if tries, due := o.line.Add(now, 1); due {
		report := o.log.Warn
		var answer *statusError
		if errors.As(err, &answer) && (answer.status == http.StatusUnauthorized || answer.status == http.StatusForbidden) {
			report = o.log.Error // it does not get better by itself
		}
		report("records wait for their schema", "error", err, "tries", tries)
	}
	return err
}

// over notes that the registry answers.
func (o *outage) over() {
	if o.err == nil {
		return
	}
	o.log.Info("the schema registry answers again")
	o.err, o.pause = nil, 0
}
