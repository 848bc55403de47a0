package outloki

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/tidegate/tidegate/common/reasons"
)

// errLineTooLong is returned for a record whose line is not to be cut.
var errLineTooLong = errors.New("the line is longer than max_line_size")

// cutMark ends a line that was cut.
const cutMark = "…[cut]"

// entryLimits make one flush's entries fit. A record that is within all limits,
// as nearly all are, costs three comparisons.
type entryLimits struct {
	limits *limits
	// oldest and newest are the times that Loki takes, in Unix nanoseconds.
	oldest, newest int64
	// small is the size of an entry that no limit can be above.
	small int

	changes reasons.Sums[change]
	scratch []byte
}

const (
	// minPair is what a pair of structured metadata with a name takes at least.
	minPair = 5
	// timeMargin is for a clock of the server's that is not ours, and for the
	// way there.
	timeMargin = 30 * time.Second
)

// begin starts a flush.
func (f *entryLimits) begin(l *limits, now time.Time) {
	*f = entryLimits{limits: l, oldest: math.MinInt64, newest: math.MaxInt64, small: math.MaxInt, scratch: f.scratch}
	if l.age > 0 && l.onAge == clamp {
		f.oldest = now.Add(min(timeMargin-l.age, 0)).UnixNano()
	}
	if l.ahead > 0 && l.onAge == clamp {
		f.newest = now.Add(max(l.ahead-timeMargin, 0)).UnixNano()
	}
	for _, size := range []int{int(l.line), int(l.metadataSize), l.metadataCount * minPair} {
		if size > 0 {
			f.small = min(f.small, size)
		}
	}
}

// time returns the time that a record is sent with.
func (f *entryLimits) time(t int64) int64 {
	if t >= f.oldest && t <= f.newest {
		return t
	}
	if t < f.oldest {
		f.changes.Add(timeOld, 1, reasons.Example{})
		return f.oldest
	}
	f.changes.Add(timeNew, 1, reasons.Example{})
	return f.newest
}

// originalTime is the structured metadata that keeps a time that was moved.
const originalTime = "tidegate_time"

// appendOriginal appends the original time as metadata of an entry.
func appendOriginal(dst []byte, t int64) []byte {
	var text [len(time.RFC3339Nano)]byte
	return appendPair(dst, originalTime, time.Unix(0, t).UTC().AppendFormat(text[:0], time.RFC3339Nano))
}

// fit makes the entry at the end of arena fit. With an error, which rejects
// its record, the arena is without it.
func (f *entryLimits) fit(arena []byte, start int) ([]byte, error) {
	if len(arena)-start <= f.small {
		return arena, nil
	}
	head, line, pairs := splitEntry(arena[start:])
	l := f.limits
	tooLong := l.line > 0 && int64(len(line)) > l.line
	if tooLong && l.onLine == reject {
		return arena[:start], errLineTooLong
	}
	count, size := countPairs(pairs)
	tooMany := l.metadataCount > 0 && count > l.metadataCount || l.metadataSize > 0 && int64(size) > l.metadataSize
	if !tooLong && !tooMany {
		return arena, nil
	}
	// Both parts move: they are put together beside the arena.
	out := append(f.scratch[:0], head...)
	out = append(out, tag2Bytes)
	if tooLong {
		f.changes.Add(lineCut, 1, reasons.Example{})
		cut := cutText(line, int(l.line)-len(cutMark))
		out = binary.AppendUvarint(out, uint64(len(cut)+len(cutMark)))
		out = append(append(out, cut...), cutMark...)
	} else {
		out = binary.AppendUvarint(out, uint64(len(line)))
		out = append(out, line...)
	}
	if tooMany {
		f.changes.Add(metadataDropped, 1, reasons.Example{})
	}
	out = l.appendPairs(out, pairs)
	f.scratch = out
	if cap(f.scratch) > maxKeptBytes {
		f.scratch = nil
	}
	return append(arena[:start], out...), nil
}

// appendPairs appends those of encoded pairs that are within the limits. One
// that is too large leaves the room to the others.
func (l *limits) appendPairs(dst, pairs []byte) []byte {
	size, count := 0, 0
	for len(pairs) > 0 {
		pair, n := readField(pairs)
		text := pairText(pair)
		if l.metadataCount > 0 && count == l.metadataCount {
			break
		}
		if l.metadataSize == 0 || int64(size+text) <= l.metadataSize {
			size, count = size+text, count+1
			dst = append(dst, pairs[:n]...)
		}
		pairs = pairs[n:]
	}
	return dst
}

// splitEntry cuts an entry of ours into its time, its line and its pairs.
func splitEntry(e []byte) (head, line, pairs []byte) {
	_, n := readField(e)
	line, m := readField(e[n:])
	return e[:n], line, e[n+m:]
}

// readField reads a field of bytes with a tag of one byte, and how many bytes
// it takes. It reads what this package wrote.
func readField(b []byte) (value []byte, n int) {
	size, w := binary.Uvarint(b[1:])
	n = 1 + w + int(size)
	return b[1+w : n], n
}

// pairText is what Loki counts of a pair: name and value.
func pairText(pair []byte) int {
	name, n := readField(pair)
	value, _ := readField(pair[n:])
	return len(name) + len(value)
}

// countPairs returns the number of pairs of structured metadata, and what Loki
// counts of them.
func countPairs(pairs []byte) (count, size int) {
	for len(pairs) > 0 {
		pair, n := readField(pairs)
		count++
		size += pairText(pair)
		pairs = pairs[n:]
	}
	return count, size
}

// cutText returns the front of a text, at most size bytes, without a part of a
// character at its end.
func cutText(text []byte, size int) []byte {
	if len(text) <= size {
		return text
	}
	cut := text[:max(size, 0)]
	for range min(utf8.UTFMax-1, len(cut)) {
		if utf8.RuneStart(text[len(cut)]) {
			break
		}
		cut = cut[:len(cut)-1]
	}
	return slices.Clip(cut)
}
