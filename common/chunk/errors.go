package chunk

import (
	"errors"
	"fmt"
)

// What can be wrong with msgpack.
var (
	// ErrTruncated: the bytes end inside a value, or a header promises more
	// elements than there are bytes.
	ErrTruncated = errors.New("cut off inside a value")
	// ErrInvalidByte: 0xc1 stands where a value should start. No msgpack
	// writer produces it.
	ErrInvalidByte = errors.New("byte 0xc1 is not msgpack")
)

// KindError is returned for a value that is not of the kind that was asked
// for.
type KindError struct {
	Got, Want Kind
}

func (e KindError) Error() string { return fmt.Sprintf("%v where a %v should be", e.Got, e.Want) }

// EventError is why a Reader stopped.
type EventError struct {
	// Event is the offset in the chunk at which the event starts, Offset that
	// of what is wrong with it.
	Event, Offset int
	// Err says what is wrong: ErrTruncated, ErrInvalidByte, or a rule that
	// well-formed msgpack broke.
	Err error
}

func (e *EventError) Error() string {
	return fmt.Sprintf("reading the event at byte %d: byte %d: %v", e.Event, e.Offset, e.Err)
}

func (e *EventError) Unwrap() error { return e.Err }
