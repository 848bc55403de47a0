// Package jsontext writes msgpack values as JSON.
//
// The JSON is always valid, whatever the msgpack holds:
//
//   - Strings are made valid UTF-8; each wrong byte becomes U+FFFD.
//   - A bin value is written as a string. Forwarders and Fluent Bit's own
//     plugins use bin for text, and text is what people search for; bytes
//     that are no text do not survive.
//   - A float keeps a fraction, 3.0, so that it stays one; NaN and the
//     infinities, which JSON does not have, become null.
//   - A timestamp extension (Fluent Bit's event time, msgpack's own) is a
//     string in RFC 3339, any other extension {"ext":type,"hex":"bytes"}.
//   - A key that is no string is written as the string of its JSON.
//   - Repeated keys are all kept, in order.
//
// Everything appends to the caller's buffer and allocates nothing else.
package jsontext

import (
	"errors"
	"math"
	"strconv"

	"github.com/tidegate/tidegate/common/chunk"
)

// maxDepth bounds how deep values are nested. Fluent Bit's own decoder stops
// at 32.
const maxDepth = 128

// ErrDepth is returned for a value that is nested too deep, or whose map keys
// are maps in turn.
var ErrDepth = errors.New("nested too deep")

// Append appends the JSON of the value at the front of b. With an error, which
// is ErrDepth or one of package chunk, it returns dst as it was.
func Append(dst, b []byte) ([]byte, error) {
	out, _, err := appendValue(dst, b, level{})
	if err != nil {
		return dst, err
	}
	return out, nil
}

// AppendWithout appends the JSON of the map at the front of b, without what
// omit names.
func AppendWithout(dst, b []byte, omit *Omit) ([]byte, error) {
	out, _, err := appendMap(dst, b, omit, level{})
	if err != nil {
		return dst, err
	}
	return out, nil
}

// AppendText appends a value as bare text: what a string holds, made valid
// UTF-8, without quotes, and the JSON of anything else.
func AppendText(dst, b []byte) ([]byte, error) {
	switch chunk.KindOf(b) {
	case chunk.String, chunk.Bin:
		text, _, err := chunk.ReadKeyZC(b)
		if err != nil {
			return dst, err
		}
		return AppendValid(dst, text), nil
	default:
		return Append(dst, b)
	}
}

// level is where in a value the writer is.
type level struct {
	depth int
	inKey bool
	// writer is nil where no keys are kept.
	writer *Writer
}

func (l level) down() level { return level{l.depth + 1, l.inKey, l.writer} }

// pick notes a value at the top level, by its place in the picks. rest follows it.
func (l level) pick(place int, value, rest []byte) {
	if place != noPick && l.depth == 0 {
		end := len(value) - len(rest)
		l.writer.picks.Put(place, value[:end:end])
	}
}

func appendValue(dst, b []byte, at level) (out, rest []byte, err error) {
	if out, rest, ok := appendShort(dst, b); ok {
		return out, rest, nil
	}
	switch chunk.KindOf(b) {
	case chunk.String, chunk.Bin:
		text, rest, err := chunk.ReadKeyZC(b)
		if err != nil {
			return dst, b, err
		}
		return appendBefore(dst, b, text, rest), rest, nil
	case chunk.Uint:
		v, rest, err := chunk.ReadUint(b)
		return appendUint(dst, v), rest, err
	case chunk.Int:
		v, rest, err := chunk.ReadInt(b)
		return strconv.AppendInt(dst, v, 10), rest, err
	case chunk.Float:
		v, bits, rest, err := chunk.ReadFloat(b)
		if err != nil {
			return dst, b, err
		}
		return appendFloat(dst, v, bits), rest, nil
	case chunk.Bool:
		v, rest, err := chunk.ReadBool(b)
		return strconv.AppendBool(dst, v), rest, err
	case chunk.Map:
		return appendMap(dst, b, nil, at)
	case chunk.Array:
		return appendArray(dst, b, at)
	case chunk.Ext:
		return appendExt(dst, b)
	default:
		// Nil, or an error that ReadNil words.
		rest, err := chunk.ReadNil(b)
		return append(dst, "null"...), rest, err
	}
}

// appendBefore is AppendString for text that was read from b, with rest behind it.
func appendBefore(dst, b, text, rest []byte) []byte {
	return appendFront(dst, b[len(b)-len(rest)-len(text):], len(text))
}

func appendArray(dst, b []byte, at level) (out, rest []byte, err error) {
	if at.depth >= maxDepth {
		return dst, b, ErrDepth
	}
	n, b, err := chunk.ReadArrayHeader(b)
	if err != nil {
		return dst, b, err
	}
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, b, err = appendValue(dst, b, at.down()); err != nil {
			return dst, b, err
		}
	}
	return append(dst, ']'), b, nil
}

func appendMap(dst, b []byte, omit *Omit, at level) (out, rest []byte, err error) {
	if at.depth >= maxDepth {
		return dst, b, ErrDepth
	}
	n, b, err := chunk.ReadMapHeader(b)
	if err != nil {
		return dst, b, err
	}
	if omit == nil {
		return appendPairs(dst, b, n, at)
	}
	before := byte('{')
	for range n {
		var below *Omit
		var whole bool
		key := b
		if dst, b, below, whole, err = appendKey(dst, b, before, omit, at); err != nil {
			return dst, b, err
		}
		value := b
		switch {
		case whole:
			b, err = chunk.Skip(b)
		case below != nil && chunk.KindOf(b) == chunk.Map:
			before = ','
			dst, b, err = appendMap(dst, b, below, at.down())
		default:
			before = ','
			dst, b, err = appendValue(dst, b, at.down())
		}
		if err != nil {
			return dst, b, err
		}
		if at.writer != nil && at.depth == 0 {
			at.pick(at.writer.place(key), value, b)
		}
	}
	if before == '{' {
		dst = append(dst, '{')
	}
	return append(dst, '}'), b, nil
}

// appendPairs appends a map of the n pairs at the front of b.
func appendPairs(dst, b []byte, n int, at level) (out, rest []byte, err error) {
	before := byte('{')
	for range n {
		key, from, pick := b, len(dst), noPick
		if known := at.writer.find(dst, b); known != nil {
			dst, b = known.append(dst, b, before)
			pick = known.pick
		} else if dst, b, _, _, err = appendKey(dst, b, before, nil, at); err != nil {
			return dst, b, err
		} else if at.writer != nil {
			pick = at.writer.learn(key[:len(key)-len(b)], dst[from:])
		}
		before = ','
		value := b
		if dst, b, err = appendValue(dst, b, at.down()); err != nil {
			return dst, b, err
		}
		at.pick(pick, value, b)
	}
	if before == '{' {
		dst = append(dst, '{')
	}
	return append(dst, '}'), b, nil
}

// appendKey appends the key at the front of b and what stands around it, unless omit
// leaves out the whole pair. below is what it leaves out of the value.
func appendKey(dst, b []byte, before byte, omit *Omit, at level) (out, rest []byte, below *Omit, whole bool, err error) {
	key, rest, err := chunk.ReadKeyZC(b)
	if err != nil {
		return dst, b, nil, false, err
	}
	if below, whole = omit.find(key); whole {
		return dst, rest, nil, true, nil
	}
	dst = append(dst, before)
	if key != nil {
		dst = appendBefore(dst, b, key, rest)
	} else if dst, err = appendOtherKey(dst, b, at); err != nil {
		return dst, rest, nil, false, err
	}
	return append(dst, ':'), rest, below, false, nil
}

// appendOtherKey writes a key that is no string. Its JSON goes to the end of
// dst first and then, as a string, over itself: no second buffer is needed.
//
// The JSON of a key inside a key would be escaped once for each level and
// double in size each time, so that is refused.
func appendOtherKey(dst, b []byte, at level) ([]byte, error) {
	kind := chunk.KindOf(b)
	if at.inKey && (kind == chunk.Map || kind == chunk.Array) {
		return dst, ErrDepth
	}
	at = at.down()
	at.inKey = true
	start := len(dst)
	out, _, err := appendValue(dst, b, at)
	if err != nil {
		return dst, err
	}
	end := len(out)
	out = AppendString(out, out[start:end])
	return out[:start+copy(out[start:], out[end:])], nil
}

// appendFloat writes the shortest digits that give v back, in the exponent
// form only where others do, far from 1.
func appendFloat(dst []byte, v float64, bits int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(dst, "null"...)
	}
	if bits == 64 {
		if out, ok := appendMillionths(dst, v); ok {
			return out
		}
	}
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, v, format, -1, bits)
	if format == 'f' && v == math.Trunc(v) {
		dst = append(dst, ".0"...)
	}
	return dst
}

// appendMillionths writes a number of six decimals at most, as durations and
// sizes mostly are, about three times as fast as by the search for the shortest digits.
// Those it finds are the shortest: of the numbers with 15 digits only one is
// nearest to v.
func appendMillionths(dst []byte, v float64) (out []byte, ok bool) {
	const million, digits15 = 1e6, 1e15
	n := math.Round(v * million)
	if math.Abs(n) >= digits15 || n/million != v || n == 0 {
		return dst, false
	}
	if n < 0 {
		dst, n = append(dst, '-'), -n
	}
	whole, rest := uint64(n)/million, uint64(n)%million
	return appendFraction(append(appendUint(dst, whole), '.'), rest), true
}
