package outkafka

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/options"
)

// template makes a topic's name: literal text with paths between.
type template struct {
	text  string
	parts []source
}

func templateValue(dst *template) options.Value {
	return options.Parsed(dst, "topic name or template", parseTemplate, func(t template) string { return t.text })
}

// parseTemplate reads a topic's name, or a template such as logs.$category. A
// path is as long as it can be: the dash of $category-x belongs to the key, as
// in Fluent Bit, and $['category']-x ends before it.
func parseTemplate(text string) (template, error) {
	t := template{text: text}
	for at := 0; at < len(text); {
		var part source
		end := len(text)
		if accessor.IsPath(text[at:]) {
			end = at + pathEnd(text[at:])
			path, err := accessor.Compile(text[at:end])
			if err != nil {
				return template{}, wrongPath(at, err)
			}
			part.path = path
		} else {
			if n := strings.IndexAny(text[at:], "$@"); n >= 0 {
				end = at + n
			}
			part.fixed = text[at:end]
			if i := strings.IndexFunc(part.fixed, func(r rune) bool { return r >= 0x80 || !kafkaconf.TopicByte(byte(r)) }); i >= 0 {
				return template{}, fmt.Errorf("must have only letters, digits, dots, underscores and dashes beside its $paths, and has %q at column %d",
					[]rune(part.fixed[i:])[0], at+i+1)
			}
		}
		t.parts = append(t.parts, part)
		at = end
	}
	if !t.dynamic() {
		return t, kafkaconf.CheckTopic(text)
	}
	return t, nil
}

// wrongPath words an error of a path that starts at text[at].
func wrongPath(at int, err error) error {
	var syntax *accessor.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("has a wrong path at column %d: %s", at+syntax.Column, syntax.Rule)
	}
	return fmt.Errorf("has a wrong path: %w", err)
}

// dynamic reports whether the name depends on the record or its tag.
func (t *template) dynamic() bool {
	for i := range t.parts {
		if t.parts[i].path != nil {
			return true
		}
	}
	return false
}

// append appends the name. Where a part has no text there is none.
func (t *template) append(dst []byte, rec *record) (out []byte, ok bool) {
	start := len(dst)
	for i := range t.parts {
		if dst, ok = t.parts[i].append(dst, rec); !ok {
			return dst[:start], false
		}
	}
	return dst, true
}
