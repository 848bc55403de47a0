// Package jsonpack turns JSON text into msgpack, in one pass: over
// json-iterator's streaming Iterator, with a shorter way for plain JSON.
//
// What comes out is what a reader of the JSON would see: keys keep their order
// and their repeats, text keeps its bytes. Whole numbers become integers where
// they fit 64 bits, others become floats; a whole number that neither can hold,
// such as a 30-digit id, becomes text, so that none of its digits is lost.
package jsonpack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unsafe"

	jsoniter "github.com/json-iterator/go"

	"github.com/tidegate/tidegate/common/chunk"
)

// MaxDepth bounds nesting. Fluent Bit's decoder stops at 64 levels, and with it
// ends the chunk: a record that is deeper takes those behind it along. An event
// is one level more than its record, and options and filters that nest add
// theirs. It also walks records recursively, on stacks as small as 24 KiB.
const MaxDepth = 48

// Errors of Append. Others are json-iterator's, about the syntax.
var (
	ErrDepth    = fmt.Errorf("nested deeper than %d", MaxDepth)
	ErrTrailing = errors.New("text after the end of the value")
	ErrSyntax   = errors.New("not a JSON value")
)

// Kind is the type of a JSON value.
type Kind int

// Kinds that callers tell apart.
const (
	Other Kind = iota
	Object
)

// Transcoder holds what one conversion needs. It is for one goroutine.
type Transcoder struct {
	iter    *jsoniter.Iterator
	dst     []byte
	number  []byte // scratch: the text of a number
	members int    // of the container that is being read
	depth   int
	err     error
	scanner scanner

	// Method values, made once: closures would be made per container.
	onMember  func(*jsoniter.Iterator, string) bool
	onElement func(*jsoniter.Iterator) bool
}

// New returns a Transcoder.
func New() *Transcoder {
	t := &Transcoder{
		iter:   jsoniter.NewIterator(jsoniter.ConfigDefault),
		number: make([]byte, 0, 32), // nil would mean "not capturing" to the Iterator
	}
	t.onMember, t.onElement = t.member, t.element
	t.scanner.text = t.text
	return t
}

// text decodes a string with escapes, quotes included.
func (t *Transcoder) text(token []byte) (string, bool) {
	t.iter.ResetBytes(token)
	t.iter.Error = nil
	text := t.iter.ReadString()
	return text, t.iter.Error == nil
}

// Append appends the msgpack of the JSON text in src to dst. On an error dst
// comes back as it was. src is not kept.
func (t *Transcoder) Append(dst, src []byte) ([]byte, Kind, error) {
	t.scanner.src = src
	out, kind, ok := t.scanner.scan(dst)
	t.scanner.src = nil
	if ok {
		return out, kind, nil
	}
	return t.iterate(out[:len(dst)], src)
}

// iterate is Append by the Iterator alone.
func (t *Transcoder) iterate(dst, src []byte) ([]byte, Kind, error) {
	start := len(dst)
	t.dst, t.members, t.depth, t.err = dst, 0, 0, nil
	t.iter.ResetBytes(src)
	t.iter.Error = nil

	kind := Other
	if t.iter.WhatIsNext() == jsoniter.ObjectValue {
		kind = Object
	}
	ok := t.value()
	err := t.verdict(ok, src)
	dst, t.dst = t.dst, nil
	t.iter.ResetBytes(nil)
	if err != nil {
		return dst[:start], kind, err
	}
	return dst, kind, nil
}

// verdict tells what was wrong, if anything, after the value was read.
func (t *Transcoder) verdict(ok bool, src []byte) error {
	switch {
	case t.err != nil:
		return t.err
	case t.iter.Error != nil && !errors.Is(t.iter.Error, io.EOF):
		return syntaxError(src)
	case !ok:
		return ErrSyntax
	case t.iter.Error == nil && t.iter.WhatIsNext() != jsoniter.InvalidValue,
		!errors.Is(t.iter.Error, io.EOF):
		return ErrTrailing
	}
	return nil
}

// syntaxError says what is wrong with src, that json-iterator refused: in the
// words of encoding/json, which tell where and quote no more than a character.
func syntaxError(src []byte) error {
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(src, new(json.RawMessage)), &syntax) {
		return fmt.Errorf("%w, at byte %d", syntax, syntax.Offset)
	}
	return ErrSyntax // it is stricter, or the nesting is at fault
}

func (t *Transcoder) value() bool {
	switch t.iter.WhatIsNext() {
	case jsoniter.StringValue:
		t.dst = chunk.AppendString(t.dst, t.iter.ReadString())
	case jsoniter.NumberValue:
		return t.appendNumber()
	case jsoniter.BoolValue:
		t.dst = chunk.AppendBool(t.dst, t.iter.ReadBool())
	case jsoniter.NilValue:
		t.iter.ReadNil()
		t.dst = chunk.AppendNil(t.dst)
	case jsoniter.ObjectValue, jsoniter.ArrayValue:
		return t.container()
	default:
		return false
	}
	return t.iter.Error == nil
}

// container reads an object or an array behind a reserved byte, and writes
// its header when it knows the size.
func (t *Transcoder) container() bool {
	if t.depth == MaxDepth {
		t.err = ErrDepth
		return false
	}
	outer, at := t.members, len(t.dst)
	t.members, t.dst = 0, append(t.dst, 0)
	t.depth++
	var ok bool
	if t.iter.WhatIsNext() == jsoniter.ObjectValue {
		ok = t.iter.ReadMapCB(t.onMember)
		t.dst = chunk.FinishMap(t.dst, at, t.members)
	} else {
		ok = t.iter.ReadArrayCB(t.onElement)
		t.dst = chunk.FinishArray(t.dst, at, t.members)
	}
	t.depth--
	t.members = outer
	return ok
}

func (t *Transcoder) member(_ *jsoniter.Iterator, key string) bool {
	t.members++
	t.dst = chunk.AppendString(t.dst, key)
	return t.value()
}

func (t *Transcoder) element(*jsoniter.Iterator) bool {
	t.members++
	return t.value()
}

func (t *Transcoder) appendNumber() bool {
	t.number = t.iter.SkipAndAppendBytes(t.number[:0])
	if err := t.iter.Error; err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	text := bytes.TrimLeft(t.number, " \t\r\n")
	if n, ok := parseInt(text); ok {
		t.dst = chunk.AppendInt(t.dst, n)
		return true
	}
	if !validNumber(text) {
		return false
	}
	t.dst = appendLongOrFraction(t.dst, text)
	return true
}

// appendLongOrFraction appends a valid number that is not a short whole one.
func appendLongOrFraction(dst, text []byte) []byte {
	// Safety: strconv does not keep its argument; its errors clone it.
	s := unsafe.String(unsafe.SliceData(text), len(text))
	if isWhole(text) {
		return appendLong(dst, s)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil { // out of range
		return chunk.AppendString(dst, text)
	}
	return chunk.AppendFloat64(dst, f)
}

// appendLong appends a whole number of any length: -0 as a float, and as text
// what 64 bits do not hold.
func appendLong(dst []byte, s string) []byte {
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return chunk.AppendUint(dst, u)
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil && i != 0 {
		return chunk.AppendInt(dst, i)
	}
	if s == "-0" {
		return chunk.AppendFloat64(dst, math.Copysign(0, -1))
	}
	return chunk.AppendString(dst, s)
}

// parseInt reads a whole number of at most 18 digits, which fits 64 bits
// without a check.
func parseInt(text []byte) (n int64, ok bool) {
	digits := text
	if len(text) > 0 && text[0] == '-' {
		digits = text[1:]
	}
	if len(digits) == 0 || len(digits) > 18 || (digits[0] == '0' && len(digits) > 1) {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) != len(text) {
		if n == 0 {
			return 0, false // -0 is a float
		}
		n = -n
	}
	return n, true
}

// isWhole reports whether a number is written without fraction and exponent.
func isWhole(text []byte) bool { return !bytes.ContainsAny(text, ".eE") }

// validNumber reports whether text is a number of RFC 8259, section 6, which
// json-iterator reads more generously.
func validNumber(text []byte) bool {
	rest, _ := bytes.CutPrefix(text, []byte("-"))
	whole := leadingDigits(rest)
	if whole == 0 || (rest[0] == '0' && whole > 1) {
		return false
	}
	rest = rest[whole:]
	if len(rest) > 0 && rest[0] == '.' {
		n := leadingDigits(rest[1:])
		if n == 0 {
			return false
		}
		rest = rest[1+n:]
	}
	if len(rest) > 0 && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		n := leadingDigits(rest)
		if n == 0 {
			return false
		}
		rest = rest[n:]
	}
	return len(rest) == 0
}

func leadingDigits(b []byte) int {
	for i, c := range b {
		if c < '0' || c > '9' {
			return i
		}
	}
	return len(b)
}
