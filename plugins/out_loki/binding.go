package outloki

import (
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/labels"
	"github.com/tidegate/tidegate/common/options"
)

// binding is one label and where its value comes from.
type binding struct {
	name string
	// static is the value of a label without a path.
	static string
	path   *accessor.Accessor
	// text is what the operator wrote.
	text string
}

// bindings is what an option holds of them.
type bindings struct {
	list []binding
	text string
}

func bindingsValue(dst *bindings, parse func(string) (binding, error)) options.Value {
	return options.Parsed(dst, "comma-separated list", func(text string) (bindings, error) {
		all := bindings{text: text}
		for _, element := range splitList(text) {
			b, err := parse(element)
			if err != nil {
				return bindings{}, fmt.Errorf("has element %q, which %w", element, err)
			}
			b.text = element
			all.list = append(all.list, b)
		}
		return all, nil
	}, func(b bindings) string { return b.text })
}

// parseLabel reads an element of labels.
func parseLabel(text string) (binding, error) {
	if accessor.IsPath(text) {
		return parsePath(text)
	}
	name, value, found := strings.Cut(text, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch {
	case !found:
		return binding{}, fmt.Errorf("must be name=value, name=$path or $path")
	case value == "":
		return binding{}, fmt.Errorf("must have a value after the =")
	}
	if err := labels.CheckName(name); err != nil {
		return binding{}, err
	}
	if !accessor.IsPath(value) {
		return binding{name: name, static: strings.ToValidUTF8(value, "\uFFFD")}, nil
	}
	b, err := parsePath(value)
	b.name = name
	return b, err
}

// parseLabelKey reads an element of label_keys.
func parseLabelKey(text string) (binding, error) {
	switch {
	case text == "":
		return binding{}, fmt.Errorf("must be a key or a path such as $key['nested']")
	case accessor.IsPath(text):
		return parsePath(text)
	default:
		return binding{name: labels.Sanitize(text), path: accessor.Key(text)}, nil
	}
}

// parsePath reads a path that also gives the label its name.
func parsePath(text string) (binding, error) {
	path, err := accessor.Compile(text)
	if err != nil {
		return binding{}, fmt.Errorf("is no path: %w", err)
	}
	return binding{name: labels.Sanitize(path.Name()), path: path}, nil
}

// splitList cuts a list at its commas, except those in a path's quoted keys.
func splitList(text string) []string {
	var list []string
	var quote byte
	start, inBrackets := 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case inBrackets && (c == '\'' || c == '"'):
			quote = c
		case c == '[':
			inBrackets = true
		case c == ']':
			inBrackets = false
		case c == ',':
			list = append(list, strings.TrimSpace(text[start:i]))
			start, inBrackets = i+1, false
		}
	}
	return append(list, strings.TrimSpace(text[start:]))
}
