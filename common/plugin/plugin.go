// Package plugin is the contract between the core, which talks to Fluent Bit
// through cgo, and the engines, which are plain Go and know nothing of it.
//
// The core reads an instance's options, builds the engine, and forwards the
// host's callbacks to it. It recovers panics around each of these calls, so an
// engine may treat a broken invariant as a bug instead of guarding against it.
package plugin

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/options"
)

// Result is what an output answers to the host for one chunk.
type Result int

const (
	// Error drops the chunk. Outputs use it only for bytes that can never be
	// sent, after they logged and counted what was lost.
	Error Result = iota
	// OK says that the chunk was delivered or rejected entry by entry; the
	// host forgets it.
	OK
	// Retry asks the host to flush the same chunk again later.
	Retry
)

func (r Result) String() string {
	switch r {
	case OK:
		return "OK"
	case Retry:
		return "RETRY"
	default:
		return "ERROR"
	}
}

// Host is what the core gives an engine of the agent it runs in.
type Host struct {
	// Name is the instance's alias or, without one, plugin.N.
	Name string
	// Version is Tidegate's own.
	Version string
	// Log writes to the agent's own log, at the instance's level. Every line
	// carries the instance's name.
	Log *slog.Logger
	// Metrics takes what the instance counts, as tidegate_<plugin>_<what>. It
	// is published among the agent's own metrics, with the instance's name as
	// the label name.
	Metrics prometheus.Registerer
	// Go starts a goroutine that recovers panics: one logs its stack and
	// calls Fail. ended is closed when the goroutine is over, either way.
	Go func(name string, f func()) (ended <-chan struct{})
	// Deliveries is where inputs hear what outputs delivered: the process has
	// one.
	Deliveries *delivery.Registry
	// Acks is an output's own place in it, nil for an input.
	Acks *delivery.Output
	// Taken is what of an input the agent took into chunks since the start,
	// without what waits in its input buffer. nil where the
	// agent does not say. For one goroutine at a time, until Close returns.
	Taken func() (records, bytes int64, ok bool)
	// Fail marks the instance as dead: outputs answer RETRY from then on,
	// inputs collect nothing more. Safe for concurrent use.
	Fail func(err error)
}

// Config is an engine's configuration. It describes its options and, once
// they are read, builds the engine.
type Config interface {
	// Options returns the option table, bound to the receiver's fields. It is
	// called once, before the options are read: a field's value at that time
	// is the option's default.
	Options() options.Table
	// Validate reports what a single option cannot see, all at once. It is
	// called after every option was read, also when some were refused.
	Validate() error
}

// OutputConfig builds an output.
type OutputConfig interface {
	Config
	NewOutput(Host) (Output, error)
}

// InputConfig builds an input.
type InputConfig interface {
	Config
	NewInput(Host) (Input, error)
}

// Output sends chunks. Flush is called concurrently, on goroutines of the
// core.
type Output interface {
	// Flush sends the events of one chunk, as the host holds them: a sequence
	// of msgpack events. The bytes are the host's and are valid until Flush
	// returns.
	Flush(ctx context.Context, tag string, chunk []byte) Result
	// Close releases everything and joins the output's goroutines. No Flush
	// runs or follows.
	Close()
}

// ErrFull is returned by Appender.Append when the host takes no more at the
// moment. The events were not taken.
var ErrFull = errors.New("the agent's input buffer is full")

// Appender hands events to the host. It may only be used inside the Collect
// it was given to.
type Appender interface {
	// Append gives the host a sequence of so many msgpack events under tag, or
	// under the instance's own tag where tag is empty. The bytes are copied. It may
	// block for a second where the host's buffer is full.
	Append(tag string, events []byte, records int) error
}

// Input produces events.
type Input interface {
	// Collect appends what is ready and returns no later than at the
	// deadline, give or take one Append. The host calls it about once a
	// second, always on the same thread, and not at all while it has paused
	// the input.
	Collect(deadline time.Time, to Appender)
	// Close releases everything and joins the input's goroutines. No Collect
	// runs or follows.
	Close()
}
