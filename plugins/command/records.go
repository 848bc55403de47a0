package command

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsonpack"
	"github.com/tidegate/tidegate/common/jsonscan"
)

// maxLine is above every message that Kafka takes by default, and every line
// that Loki does.
const maxLine = 64 << 20

// records reads lines of JSON as events.
type records struct {
	lines  *bufio.Scanner
	number int // of the present line
	pack   *jsonpack.Transcoder
}

func newRecords(r io.Reader) *records {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	return &records{lines: lines, pack: jsonpack.New()}
}

// lineError is about one line. Those behind it can be read.
type lineError struct {
	line int
	err  error
}

func (e lineError) Error() string { return fmt.Sprintf("line %d %v", e.line, e.err) }

// next returns the event of the next line that is not empty, and io.EOF behind
// the last. A record without a time is of now.
func (r *records) next(now time.Time) (*chunk.Event, error) {
	for r.lines.Scan() {
		r.number++
		line := bytes.TrimSpace(r.lines.Bytes())
		if len(line) == 0 {
			continue
		}
		ev, err := r.event(line, now)
		if err != nil {
			return nil, lineError{r.number, err}
		}
		return ev, nil
	}
	if err := r.lines.Err(); err != nil {
		return nil, fmt.Errorf("reading records, line %d: %w", r.number+1, err)
	}
	return nil, io.EOF
}

var errForm = errors.New(`is no record: it must be {record}, [time, {record}], [[time, {metadata}], {record}], or one of the last two with {group} at its end`)

// event reads one line.
func (r *records) event(line []byte, now time.Time) (*chunk.Event, error) {
	packed, kind, err := r.pack.Append(nil, line)
	if err != nil {
		return nil, fmt.Errorf("is no JSON: %w", err)
	}
	ev := &chunk.Event{Time: now.UnixNano(), Body: packed}
	if kind == jsonpack.Object {
		return ev, nil
	}
	parts := elements(packed)
	if len(parts) < 2 || !areMaps(parts[1:]) {
		return nil, errForm
	}
	ev.Body = parts[1]
	if len(parts) == maxParts {
		ev.GroupBody = parts[2]
	}
	// A float has not all digits of a time: those are read from the text.
	at, ok := jsonscan.Element(line, 0)
	if chunk.KindOf(parts[0]) == chunk.Array {
		head := elements(parts[0])
		if len(head) != 2 || !areMaps(head[1:]) {
			return nil, errForm
		}
		ev.Metadata = head[1]
		at, ok = jsonscan.Element(at, 0)
	}
	if !ok {
		return nil, errForm
	}
	ev.Time, err = readTime(at)
	return ev, err
}

// maxParts is how many elements a line has at most.
const maxParts = 3

// elements returns the elements of an array of maxParts at most, nil for another value.
func elements(value []byte) (all [][]byte) {
	n, rest, err := chunk.ReadArrayHeader(value)
	for i := 0; i < n && n <= maxParts && err == nil; i++ {
		var one []byte
		one, rest, err = chunk.ReadValueZC(rest)
		all = append(all, one)
	}
	if err != nil {
		return nil
	}
	return all
}

func areMaps(values [][]byte) bool {
	return !slices.ContainsFunc(values, func(v []byte) bool { return chunk.KindOf(v) != chunk.Map })
}

var errTime = errors.New("has a time that is neither seconds since 1970, up to 2106, nor of RFC 3339")

// lastSecond is the last that an event of Fluent Bit's can have.
const lastSecond = 1<<32 - 3

// readTime reads the time at the front of a JSON text, in Unix nanoseconds.
func readTime(text []byte) (int64, error) {
	token, kind := jsonscan.Token(text)
	switch kind {
	case jsonscan.Number:
		if len(token) > 40 || bytes.ContainsAny(token, "eE") {
			return 0, errTime
		}
		seconds, ok := new(big.Rat).SetString(string(token))
		if !ok || seconds.Sign() < 0 || seconds.Cmp(big.NewRat(lastSecond, 1)) > 0 {
			return 0, errTime
		}
		nanos := seconds.Mul(seconds, big.NewRat(int64(time.Second), 1))
		return new(big.Int).Quo(nanos.Num(), nanos.Denom()).Int64(), nil
	case jsonscan.String:
		word, _ := jsonscan.AppendString(nil, token)
		at, err := time.Parse(time.RFC3339Nano, string(word))
		if err != nil || at.Unix() < 0 || at.Unix() > lastSecond {
			return 0, errTime
		}
		return at.UnixNano(), nil
	default:
		return 0, errTime
	}
}
