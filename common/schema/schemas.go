package schema

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tidegate/tidegate/common/avropack"
)

const (
	// maxKnown bounds the schemas that are kept. Confluent's own clients keep
	// as many.
	maxKnown = 1000
	// maxUnknown bounds the ids that are remembered for having no schema.
	maxUnknown = 10_000
	// unknownFor is how long the registry is not asked again for an id that it
	// does not have: followers learn of a new schema a moment after producers
	// do.
	unknownFor = 10 * time.Second
)

// source is who knows the schemas.
type source interface {
	// lookup returns the schema of an id. Its error is ErrUnavailable,
	// errUnknown, or one that stays.
	lookup(id uint32) (avropack.Source, error)
	close()
}

// schemas are those that values were written with, by id. A schema never
// changes, so what is known stays.
type schemas struct {
	registry source
	plain    bool
	now      func() time.Time

	known   map[uint32]verdict
	unknown map[uint32]time.Time // until when
	outage  outage
}

// verdict is a schema, or why there can be none.
type verdict struct {
	schema *avropack.Schema
	err    error
}

func newSchemas(r source, plain bool, log *slog.Logger) *schemas {
	return &schemas{
		registry: r, plain: plain, now: time.Now,
		known: map[uint32]verdict{}, unknown: map[uint32]time.Time{},
		outage: outage{log: log},
	}
}

// get returns the schema of an id.
func (s *schemas) get(id uint32) (*avropack.Schema, error) {
	if v, ok := s.known[id]; ok {
		return v.schema, v.err
	}
	now := s.now()
	if until, ok := s.unknown[id]; ok && now.Before(until) {
		return nil, fmt.Errorf("schema %d: %w", id, errUnknown)
	}
	if err := s.outage.holds(now); err != nil {
		return nil, err
	}
	return s.ask(id)
}

// ask asks the registry, once.
func (s *schemas) ask(id uint32) (*avropack.Schema, error) {
	src, err := s.registry.lookup(id)
	if errors.Is(err, ErrUnavailable) {
		return nil, s.outage.failed(s.now(), err)
	}
	s.outage.over()
	if errors.Is(err, errUnknown) {
		s.forget(id)
		return nil, fmt.Errorf("schema %d: %w", id, err)
	}
	var v verdict
	if err == nil {
		src.Plain = s.plain
		v.schema, err = avropack.Compile(src)
	}
	if err != nil {
		v.err = fmt.Errorf("schema %d: %s", id, clip(err.Error()))
	}
	s.keep(id, v)
	return v.schema, v.err
}

func (s *schemas) keep(id uint32, v verdict) {
	if len(s.known) >= maxKnown {
		for other := range s.known { // any of them
			delete(s.known, other)
			break
		}
	}
	s.known[id] = v
}

// forget notes that an id has no schema, for a while.
func (s *schemas) forget(id uint32) {
	if len(s.unknown) >= maxUnknown {
		clear(s.unknown)
	}
	s.unknown[id] = s.now().Add(unknownFor)
}
