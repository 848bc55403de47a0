package command

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
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

var errForm = errors.New(`is no record: it must be {record}, [time, {record}] or [[time, {metadata}], {record}]`)

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
	head, body, ok := pair(packed)
	if !ok || chunk.KindOf(body) != chunk.Map {
		return nil, errForm
	}
	ev.Body = body
	// A float has not all digits of a time: those are read from the text.
	at, ok := jsonscan.Element(line, 0)
	if chunk.KindOf(head) == chunk.Array {
		if _, ev.Metadata, ok = pair(head); !ok || chunk.KindOf(ev.Metadata) != chunk.Map {
			return nil, errForm
		}
		at, ok = jsonscan.Element(at, 0)
	}
	if !ok {
		return nil, errForm
	}
	ev.Time, err = readTime(at)
	return ev, err
}

// pair returns the elements of an array of two.
func pair(value []byte) (first, second []byte, ok bool) {
	n, rest, err := chunk.ReadArrayHeader(value)
	if err != nil || n != 2 {
		return nil, nil, false
	}
	first, rest, err = chunk.ReadValueZC(rest)
	if err != nil {
		return nil, nil, false
	}
	second, _, err = chunk.ReadValueZC(rest)
	return first, second, err == nil
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
