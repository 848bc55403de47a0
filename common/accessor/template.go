package accessor

import (
	"errors"
	"fmt"
	"strings"
)

// Template is text with paths in it, such as $kubernetes['namespace_name']/$TAG[1].
//
// A path is as long as it can be: the slash of $a/b belongs to the key, as in
// Fluent Bit, and $['a']/b ends before it. At the end of a key slashes and dashes
// are text, as in $a/$b-$c. A $ starts a path where a letter, _
// or [ follows, an @ where the name of a source and [ follow, so that addresses
// and prices are text; $$ and @@ are a $ and an @ that start none.
type Template struct {
	text  string
	parts []Part
}

// Part is a part of a Template: a path or, if that is nil, a fixed text.
type Part struct {
	Fixed string
	Path  *Accessor
}

// ParseTemplate reads a template.
func ParseTemplate(text string) (Template, error) {
	t := Template{text: text}
	var fixed strings.Builder
	for at := 0; at < len(text); {
		if sign := text[at]; sign != '$' && sign != '@' || !startsPath(text[at:]) {
			fixed.WriteByte(sign)
			at++
			if (sign == '$' || sign == '@') && at < len(text) && text[at] == sign {
				at++
			}
			continue
		}
		path, n, err := compile(&parser{text: text[at:], inText: true})
		if err != nil {
			return Template{}, inTemplate(at, err)
		}
		if fixed.Len() > 0 {
			t.parts = append(t.parts, Part{Fixed: fixed.String()})
			fixed.Reset()
		}
		t.parts = append(t.parts, Part{Path: path})
		at += n
	}
	if fixed.Len() > 0 {
		t.parts = append(t.parts, Part{Fixed: fixed.String()})
	}
	return t, nil
}

// startsPath reports whether the $ or @ at the front of text starts a path.
func startsPath(text string) bool {
	p := parser{text: text, at: 1}
	name := p.name()
	if text[0] == '$' {
		return name != "" || p.peek() == '['
	}
	return name != "" && p.peek() == '['
}

// inTemplate words the error of a path at a place in a template.
func inTemplate(at int, err error) error {
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		return &SyntaxError{Column: at + syntax.Column, Rule: syntax.Rule}
	}
	return fmt.Errorf("column %d: %w", at+1, err)
}

// Parts returns the parts, in order. Two fixed texts are never neighbours.
func (t *Template) Parts() []Part { return t.parts }

// Fixed returns the text of a template without paths.
func (t *Template) Fixed() (text string, ok bool) {
	switch {
	case len(t.parts) == 0:
		return "", true
	case len(t.parts) == 1 && t.parts[0].Path == nil:
		return t.parts[0].Fixed, true
	default:
		return "", false
	}
}

// Path returns the path of a template that is nothing else, or nil.
func (t *Template) Path() *Accessor {
	if len(t.parts) != 1 {
		return nil
	}
	return t.parts[0].Path
}

// String returns the template as it was written.
func (t *Template) String() string { return t.text }

// PathTemplate returns the template that is nothing but a path.
func PathTemplate(path *Accessor) Template {
	return Template{text: path.text, parts: []Part{{Path: path}}}
}

// FixedTemplate returns the template that is nothing but a text.
func FixedTemplate(text string) Template {
	return Template{text: text, parts: []Part{{Fixed: text}}}
}
