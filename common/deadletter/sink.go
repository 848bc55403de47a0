package deadletter

import (
	"errors"
	"time"

	"github.com/tidegate/tidegate/common/plugin"
)

// Sink takes letters. It is safe for concurrent use.
type Sink interface {
	// Send hands a letter over, without waiting for a broker. An error means
	// that it was not taken: the record is still the caller's, who comes with it
	// again. safe is called once when the letter is safe, on a goroutine of the
	// sink or within Send, and never for a letter that did not get that far. It
	// must not block. The letter's bytes are the caller's again when Send returns;
	// its strings must be Go's own.
	Send(l *Letter, safe func()) error
	// Close ends the sink by the deadline, and returns how many letters it took
	// and never called safe for.
	Close(deadline time.Time) (left int)
}

// ErrFull is returned by Topic.Send when too much waits for the brokers.
var ErrFull = errors.New("too many dead letters wait for Kafka")

// ErrClosed is returned by Send after Close.
var ErrClosed = errors.New("dead letters are not taken any more")

// Owner is the instance whose letters they are.
type Owner struct {
	Host plugin.Host
	// Prefix is that of the instance's metrics: tidegate_<plugin>.
	Prefix string
	// Reasons are the values that Letter.Reason has.
	Reasons []string
}
