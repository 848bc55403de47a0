package accessor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxSteps is far above any real record and bounds what a lookup costs.
	maxSteps = 32
	// maxIndex keeps a wrong number from being read as something else.
	maxIndex = 1_000_000
)

// SyntaxError says where a path is wrong and which rule it breaks.
type SyntaxError struct {
	// Column counts bytes from 1.
	Column int
	Rule   string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Rule) }

// parser walks over a path.
type parser struct {
	text string
	at   int
	// inText tells that other text may follow the path.
	inText bool
}

// done reports whether the path ends here.
func (p *parser) done() bool { return p.at == len(p.text) || p.inText && p.text[p.at] != '[' }

// IsPath reports whether text is meant as a path, which Compile then judges,
// where an option takes other texts too.
func IsPath(text string) bool {
	return text != "" && (text[0] == '$' || text[0] == '@')
}

// Compile reads a path. Its error is a *SyntaxError.
func Compile(text string) (*Accessor, error) {
	a, _, err := compile(&parser{text: text})
	return a, err
}

// compile reads a path, and where the parser has it so only the one at the
// front of its text. It returns the path's length.
func compile(p *parser) (a *Accessor, length int, err error) {
	a = &Accessor{}
	switch {
	case p.take('$'):
		err = p.record(a)
	case p.take('@'):
		err = p.beside(a)
	default:
		err = p.fail("a path starts with $, as in $key or $key['nested'], or with @, as in @metadata['key']")
	}
	if err != nil {
		return nil, 0, err
	}
	a.text = p.text[:p.at]
	return a, p.at, nil
}

// record reads what may follow $.
func (p *parser) record(a *Accessor) error {
	name := p.name()
	if p.inText {
		name = p.giveBack(name)
	}
	if name == "TAG" {
		return p.tag(a)
	}
	if name != "" {
		a.steps = append(a.steps, step{key: name})
	} else if p.peek() != '[' {
		return p.fail("after $ comes a key of letters, digits, _, - and / that starts with a letter or _; any other key is written $['key']")
	}
	return p.subscripts(a, name == "")
}

// giveBack returns what of a bare key counts in a template, and puts the parser
// behind it: a slash or a dash at the end stands between two paths, and $TAG
// is the tag whatever follows.
func (p *parser) giveBack(name string) string {
	kept := strings.TrimRight(name, "-/")
	if strings.HasPrefix(name, "TAG-") || strings.HasPrefix(name, "TAG/") {
		kept = "TAG"
	}
	p.at -= len(name) - len(kept)
	return kept
}

// besides are the sources that are not the record, and where in them the keys
// of a path start.
var besides = map[string]struct {
	source Source
	steps  []step
}{
	"metadata": {Metadata, nil},
	"group":    {Group, nil},
	"resource": {Group, []step{{key: "resource"}, {key: "attributes"}}},
	"scope":    {Group, []step{{key: "scope"}}},
}

// beside reads what may follow @.
func (p *parser) beside(a *Accessor) error {
	name := p.name()
	is, known := besides[name]
	if !known {
		return &SyntaxError{2, "after @ comes metadata, resource, scope or group, as in @resource['service.name']; a key of the record that starts with @ is written $['@key']"}
	}
	if p.done() {
		return p.fail(fmt.Sprintf("after @%s comes a key, as in @%s['key']", name, name))
	}
	a.source, a.steps = is.source, slices.Clone(is.steps)
	return p.subscripts(a, true)
}

// subscripts reads brackets up to the end. intoMap tells that the first of
// them goes into a map.
func (p *parser) subscripts(a *Accessor, intoMap bool) error {
	for !p.done() {
		start := p.at
		s, err := p.subscript()
		if err != nil {
			return err
		}
		if intoMap && s.isIndex {
			return &SyntaxError{start + 1, "a path starts with a key, not with an index"}
		}
		if a.steps = append(a.steps, s); len(a.steps) > maxSteps {
			return p.fail(fmt.Sprintf("a path has at most %d keys", maxSteps))
		}
		intoMap = false
	}
	return nil
}

// tag reads what may follow $TAG.
func (p *parser) tag(a *Accessor) error {
	a.source = Tag
	if p.done() {
		return nil
	}
	start := p.at
	s, err := p.subscript()
	if err != nil {
		return err
	}
	if !s.isIndex || !p.done() {
		return &SyntaxError{start + 1, "$TAG may only be followed by one number in brackets, as in $TAG[1]; a key of that name is written $['TAG']"}
	}
	a.source, a.part = TagPart, s.index
	return nil
}

// name reads a bare key. It is empty if there is none.
func (p *parser) name() string {
	start := p.at
	for p.at < len(p.text) {
		c := p.text[p.at]
		first := c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z'
		if !first && (p.at == start || c != '-' && c != '/' && (c < '0' || c > '9')) {
			break
		}
		p.at++
	}
	return p.text[start:p.at]
}

// subscript reads ['key'] or [0].
func (p *parser) subscript() (step, error) {
	if !p.take('[') {
		switch p.peek() {
		case '.':
			return step{}, p.fail("a dot does not go deeper: write $a['b'] for b inside of a, or $['a.b'] for a key with a dot")
		default:
			return step{}, p.fail("after a key comes [ or the end")
		}
	}
	p.spaces()
	var s step
	var err error
	switch c := p.peek(); {
	case c == '\'' || c == '"':
		s.key, err = p.quoted(c)
	case c >= '0' && c <= '9':
		s.index, err = p.number()
		s.isIndex = true
	default:
		err = p.fail("in brackets comes a quoted key or a number, as in ['key'] or [0]")
	}
	if err != nil {
		return step{}, err
	}
	p.spaces()
	if !p.take(']') {
		return step{}, p.fail("a closing ] is missing")
	}
	return s, nil
}

// quoted reads a key between quotes.
func (p *parser) quoted(quote byte) (string, error) {
	start := p.at
	p.at++
	var key strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		if c != quote {
			key.WriteByte(c)
			continue
		}
		if !p.take(quote) {
			return key.String(), nil
		}
		key.WriteByte(quote)
	}
	return "", &SyntaxError{start + 1, "this quote is never closed"}
}

func (p *parser) number() (int, error) {
	start := p.at
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	n, err := strconv.Atoi(p.text[start:p.at])
	if err != nil || n > maxIndex {
		return 0, &SyntaxError{start + 1, fmt.Sprintf("an index is at most %d", maxIndex)}
	}
	return n, nil
}

func (p *parser) spaces() {
	for p.peek() == ' ' || p.peek() == '\t' {
		p.at++
	}
}

// peek returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) take(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// fail says that the next byte is wrong.
func (p *parser) fail(rule string) error { return &SyntaxError{p.at + 1, rule} }
