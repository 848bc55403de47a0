package accessor

import (
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/common/chunk"
)

// TextOf returns the path of the string in which the accessor reads on in an
// event, as JSON, empty if it stays among the event's own values. It is for
// explanations: it looks again for each key.
func (a *Accessor) TextOf(ev *chunk.Event) string {
	for n := 1; n < len(a.steps) && a.InEvent(); n++ {
		front := Accessor{source: a.source, steps: a.steps[:n]}
		value, ok := front.Lookup(ev)
		if !ok {
			return ""
		}
		if kind := chunk.KindOf(value); kind == chunk.String || kind == chunk.Bin {
			return front.Place()
		}
	}
	return ""
}

// At returns the path of a key below the accessor, as an operator would write
// it.
func (a *Accessor) At(key string) string {
	below := Accessor{source: a.source, steps: append(a.steps[:len(a.steps):len(a.steps)], step{key: key})}
	return below.Place()
}

// fronts are the shorter names of places outside of the record, the longest
// first. See besides.
var fronts = []struct {
	text   string
	source Source
	steps  []step
}{
	{"@resource", Group, besides["resource"].steps},
	{"@scope", Group, besides["scope"].steps},
	{"@group", Group, nil},
	{"@metadata", Metadata, nil},
}

// Place returns the path of an accessor in an event as an operator would write it,
// whatever it was made of.
func (a *Accessor) Place() string {
	var b strings.Builder
	steps := a.steps
	if a.source == Record {
		b.WriteByte('$')
		p := parser{text: steps[0].key}
		if name := p.name(); name == steps[0].key && name != "TAG" && name != "" {
			b.WriteString(name)
			steps = steps[1:]
		}
	}
	for _, f := range fronts {
		if f.source == a.source && startsWith(steps, f.steps) {
			b.WriteString(f.text)
			steps = steps[len(f.steps):]
			break
		}
	}
	for _, s := range steps {
		if s.isIndex {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		} else {
			b.WriteString("['" + strings.ReplaceAll(s.key, "'", "''") + "']")
		}
	}
	return b.String()
}

// startsWith reports whether steps go through front, and further.
func startsWith(steps, front []step) bool {
	if len(steps) <= len(front) {
		return false
	}
	for i := range front {
		if steps[i] != front[i] {
			return false
		}
	}
	return true
}
