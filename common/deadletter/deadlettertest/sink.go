// Package deadlettertest has a sink for the tests of what sends dead letters.
package deadlettertest

import (
	"errors"
	"sync"
	"time"

	"github.com/tidegate/tidegate/common/deadletter"
)

// Unbounded is room for any number of letters.
const Unbounded = -1

// Sink keeps letters. Its fields are for a test that sends none at the moment.
type Sink struct {
	// Room is for how many letters more: with 0 none is taken.
	Room int
	// Holds says that letters are not safe before Release.
	Holds bool
	// Letters are those that were taken.
	Letters []deadletter.Letter

	mu   sync.Mutex
	held []func()
}

var _ deadletter.Sink = (*Sink)(nil)

// New returns a sink of unbounded room, whose letters are safe at once.
func New() *Sink { return &Sink{Room: Unbounded} }

var errFull = errors.New("full")

// Send implements deadletter.Sink.
func (s *Sink) Send(l *deadletter.Letter, safe func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Room == 0 {
		return errFull
	}
	s.Room--
	s.Letters = append(s.Letters, *l)
	if s.Holds {
		s.held = append(s.held, safe)
	} else {
		safe()
	}
	return nil
}

// Close implements deadletter.Sink.
func (s *Sink) Close(time.Time) (left int) { return len(s.held) }

// Release makes the first letters safe that are held, and then those that come
// too if that was all. It gives room for more.
func (s *Sink) Release(letters, room int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	letters = min(letters, len(s.held))
	now := s.held[:letters]
	s.held = s.held[letters:]
	s.Holds, s.Room = len(s.held) > 0, room
	for _, safe := range now {
		safe()
	}
}

// All is more letters than any test sends.
const All = 1 << 30
