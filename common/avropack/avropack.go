// Package avropack turns Avro's binary encoding into msgpack, in one pass over
// the schema that the writer used.
//
// A schema is compiled once, into a tree that the walk follows; a value of it
// then costs no allocation. What comes out is what a reader of logs looks for:
//
//	null, boolean       nil, boolean
//	int, long           integer
//	float, double       float of that width; NaN and infinities are kept
//	string              text, with its bytes as they are
//	bytes, fixed        text in base64, as Kafka Connect writes it to JSON
//	enum                text: the symbol
//	array               array
//	map, record         map, in the order of the bytes
//	union               the value alone, without the name of its branch
//
// and, unless they are switched off, logical types in a form that carries its
// own unit, so that no reader has to know the schema:
//
//	decimal                      text with all digits, "129.95"
//	date                         "2026-11-20"
//	time-millis, -micros         "10:00:00.123"
//	timestamp-millis, …          RFC 3339 in UTC, "2026-11-20T10:00:00.123Z"
//	local-timestamp-millis, …    the same without the Z
//	uuid                         text, "8c2f…-…", also of a fixed
//	duration                     ISO 8601, "P1M2DT3.004S"
//
// A date or time that these cannot hold, such as one in the year 12000, stays
// the integer that it was. Other logical types are their plain types.
//
// Bytes come from strangers: lengths, block counts, nesting, values that take
// no bytes and what comes out are all bounded.
package avropack

import (
	"errors"
	"fmt"
	"strings"
)

// MaxDepth bounds nesting. The host walks records recursively, on stacks as
// small as 24 KiB.
const MaxDepth = 64

const (
	// maxFree is how many values of a message may take no bytes: nulls that
	// are no branch of a union, and records without fields. Without a bound, ten
	// bytes can ask for 2^63 of them.
	maxFree = 4096
	// maxOutput bounds what one message becomes. Field names are not in the
	// bytes, so that a large array of small records grows by their length.
	maxOutput = 64 << 20
)

// What can be wrong with the bytes of a value.
var (
	ErrTruncated = errors.New("the bytes end inside a value")
	ErrTrailing  = errors.New("bytes after the end of the value")
	ErrDepth     = fmt.Errorf("nested deeper than %d", MaxDepth)
	ErrTooMany   = fmt.Errorf("more than %d values that take no bytes", maxFree)
	ErrTooLarge  = fmt.Errorf("becomes more than %d MiB", maxOutput>>20)
)

var (
	errVarint  = errors.New("a number of too many bytes")
	errInt     = errors.New("a number that an int does not hold")
	errBoolean = errors.New("a boolean that is neither 0 nor 1")
	errLength  = errors.New("a negative length")
	errBranch  = errors.New("a branch that the union does not have")
	errSymbol  = errors.New("a symbol that the enum does not have")
	errDecimal = errors.New("a decimal of too many bytes")
)

// Transcoder holds what one conversion needs. The zero value is ready. It is
// for one goroutine.
type Transcoder struct {
	src   []byte
	pos   int
	dst   []byte
	start int // of the value in dst
	depth int
	free  int

	scratch []byte // base64, before its length is known to fit a header

	// Where an error was found: the innermost field.
	record, field string
}

// Append appends the msgpack of the Avro value in src, written with s, to dst.
// On an error, which names the field but none of its content, dst comes back as
// it was. src is not kept.
func (t *Transcoder) Append(dst, src []byte, s *Schema) ([]byte, error) {
	t.src, t.pos, t.dst, t.start = src, 0, dst, len(dst)
	t.depth, t.free = 0, 0
	err := t.value(s.root)
	if err == nil && t.pos < len(src) {
		err = ErrTrailing
	}
	out := t.dst
	t.src, t.dst = nil, nil
	if err != nil {
		return out[:len(dst)], t.place(err)
	}
	return out, nil
}

// place adds to an error where it was found.
func (t *Transcoder) place(err error) error {
	if t.field == "" {
		return err
	}
	err = fmt.Errorf("field %s of %s: %w", clip(t.field), clip(t.record), err)
	t.record, t.field = "", ""
	return err
}

// clip bounds a name in an error.
func clip(name string) string {
	const most = 60
	if len(name) <= most {
		return name
	}
	return strings.ToValidUTF8(name[:most], "") + "…"
}
