package outloki

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/labels"
	"github.com/tidegate/tidegate/common/options"
)

// binding is one label, or one pair of structured metadata, and where its value
// comes from.
type binding struct {
	// name is empty where the path gives it.
	name  string
	value accessor.Template
	// text is what the operator wrote.
	text string
}

// called returns the name, where it comes from a path by all its keys or by the
// last.
func (b *binding) called(byFullPath bool) string {
	switch {
	case b.name != "":
		return b.name
	case byFullPath:
		return labels.Sanitize(b.value.Path().FullName())
	default:
		return labels.Sanitize(b.value.Path().Name())
	}
}

// bindings is what an option holds of them.
type bindings struct {
	list []binding
	text string
}

func bindingsValue(dst *bindings, parse func(string) (binding, error)) options.Value {
	return options.Parsed(dst, "comma-separated list", func(text string) (bindings, error) {
		all := bindings{text: text}
		elements := splitList(text)
		if inner, ok := selector(text); ok {
			elements = inner
		}
		for _, element := range elements {
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
	t, err := parseTemplate(value)
	return binding{name: name, value: t}, err
}

// parseFixedLabel reads an element of default_labels.
func parseFixedLabel(text string) (binding, error) {
	b, err := parseLabel(text)
	if err != nil {
		return binding{}, err
	}
	for _, p := range b.value.Parts() {
		if p.Path != nil && p.Path.InEvent() {
			return binding{}, fmt.Errorf("must not depend on the record, only on its tag: it is for records that have no label")
		}
	}
	return b, nil
}

// dotted is a path as other programs write it. It is a template too, of the
// first key and a text, but nobody means that.
var dotted = regexp.MustCompile(`^[$@][\w/-]+(\.[\w/-]+)+$`)

// parseTemplate reads a value.
func parseTemplate(text string) (accessor.Template, error) {
	path, err := accessor.Compile(text)
	switch {
	case err == nil:
		return accessor.PathTemplate(path), nil
	case dotted.MatchString(text) && !strings.HasPrefix(text, "$TAG."):
		return accessor.Template{}, fmt.Errorf("is no path: %w", err)
	}
	t, err := accessor.ParseTemplate(strings.ToValidUTF8(text, "\uFFFD"))
	if err != nil {
		return t, fmt.Errorf("has a wrong path: %w", err)
	}
	if fixed, ok := t.Fixed(); ok && accessor.IsPath(fixed) && fixed == text {
		// At the front of a value both signs are meant.
		_, err = accessor.Compile(text)
		return t, fmt.Errorf("is no path: %w; for a text that starts with it, write it twice", err)
	}
	return t, nil
}

// parseLabelKey reads an element of label_keys.
func parseLabelKey(text string) (binding, error) {
	switch {
	case text == "":
		return binding{}, fmt.Errorf("must be a key or a path such as $key['nested']")
	case accessor.IsPath(text):
		return parsePath(text)
	default:
		return binding{value: accessor.PathTemplate(accessor.Key(text))}, nil
	}
}

// parsePath reads a path that also gives the label its name.
func parsePath(text string) (binding, error) {
	path, err := accessor.Compile(text)
	if err != nil {
		return binding{}, fmt.Errorf("is no path: %w", err)
	}
	return binding{value: accessor.PathTemplate(path)}, nil
}
