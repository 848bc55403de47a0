package accessor

import (
	"fmt"
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
}

// Compile reads a path. Its error is a *SyntaxError.
func Compile(text string) (*Accessor, error) {
	p := &parser{text: text}
	if !p.take('$') {
		return nil, p.fail("a path starts with $, as in $key or $key['nested']")
	}
	a := &Accessor{text: text}
	name := p.name()
	if name == "TAG" {
		if err := p.tag(a); err != nil {
			return nil, err
		}
		return a, nil
	}
	if name != "" {
		a.steps = append(a.steps, step{key: name})
	} else if p.peek() != '[' {
		return nil, p.fail("after $ comes a key of letters, digits, _, - and / that starts with a letter or _; any other key is written $['key']")
	}
	for p.at < len(p.text) {
		s, err := p.subscript()
		if err != nil {
			return nil, err
		}
		if len(a.steps) == 0 && s.isIndex {
			return nil, &SyntaxError{2, "a record is a map: it starts with a key, not with an index"}
		}
		if a.steps = append(a.steps, s); len(a.steps) > maxSteps {
			return nil, p.fail(fmt.Sprintf("a path has at most %d keys", maxSteps))
		}
	}
	return a, nil
}

// tag reads what may follow $TAG.
func (p *parser) tag(a *Accessor) error {
	a.source = Tag
	if p.at == len(p.text) {
		return nil
	}
	start := p.at
	s, err := p.subscript()
	if err != nil {
		return err
	}
	if !s.isIndex || p.at != len(p.text) {
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
