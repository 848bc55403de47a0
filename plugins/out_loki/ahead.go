package outloki

import (
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
)

// ahead is what was made of a record while the reader stepped over it: its line, and
// the values that the plan's fields are found in. Each record is walked over once then,
// instead of once for its end, once for its labels and once for its line.
type ahead struct {
	// body is that of the record, nil for none.
	body []byte
	// arena is that of the batch, with room for the head of an entry and the line.
	arena []byte
	picks *chunk.Picks
	lines *jsontext.Writer
}

func newAhead(p *plan) ahead {
	picks := p.fields.Picks()
	return ahead{picks: picks, lines: jsontext.NewWriter(p.line.omit, picks)}
}

// walk returns what steps over bodies ahead of add, nil if lines are not plain JSON.
func (b *batch) walk() chunk.Walk {
	if !b.plan.line.plain {
		return nil
	}
	return b.step
}

// step is a chunk.Walk. The record comes to add next, unless it need not be sent.
func (b *batch) step(body []byte) (size int) {
	a := &b.ahead
	a.body = nil
	a.picks.Reset()
	arena, rest, err := a.lines.AppendMap(b.room(), body)
	b.arena = arena[:len(b.arena)] // which may have moved, and stays as large
	if err != nil {
		return 0
	}
	size = len(body) - len(rest)
	a.arena, a.body = arena, body[:size]
	return size
}

// has reports whether the line of a body was written.
func (a *ahead) has(body []byte) bool {
	return len(body) > 0 && len(body) == len(a.body) && &body[0] == &a.body[0]
}

// reset forgets the chunk.
func (a *ahead) reset() {
	a.body, a.arena = nil, nil
	a.picks.Reset()
}
