package hostconf

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"
)

// node is a part of a YAML document. Scalars are kept as they are written: on is
// the text on.
type node struct {
	text  string
	list  []node
	pairs map[string]node
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (n *node) UnmarshalYAML(unmarshal func(any) error) error {
	if unmarshal(&n.text) == nil {
		return nil
	}
	n.text = ""
	inList := unmarshal(&n.list)
	if inList == nil {
		return nil
	}
	// The next try writes over the memory of this error.
	below := errors.New(strings.TrimPrefix(inList.Error(), "yaml: unmarshal errors:\n  "))
	err := unmarshal(&n.pairs)
	if err != nil && strings.Contains(err.Error(), "!!seq into map") {
		return below
	}
	return err
}

// get returns the node of a key, in any case.
func (n *node) get(key string) node {
	for name, value := range n.pairs {
		if strings.EqualFold(name, key) {
			return value
		}
	}
	return node{}
}

// yaml reads a configuration in YAML, which may include others.
func (l *loader) yaml(path string) error {
	if err := l.enter(path); err != nil {
		return err
	}
	text, err := readFile(path)
	if err != nil {
		return err
	}
	return l.yamlText(path, text)
}

func (l *loader) yamlText(path, text string) error {
	var root node
	if err := yaml.UnmarshalStrict([]byte(text), &root); err != nil {
		return fmt.Errorf("%s: %s", path, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	if err := l.yamlEnv(root.get("env")); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, include := range root.get("includes").list {
		if err := l.yamlInclude(path, include.text); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	pipeline := root.get("pipeline")
	for _, kind := range []string{"inputs", "filters", "outputs"} {
		for _, section := range pipeline.get(kind).list {
			s, err := yamlSection(section)
			if err != nil {
				return fmt.Errorf("%s: pipeline.%s: %w", path, kind, err)
			}
			l.add(kind, s)
		}
	}
	return nil
}

// yamlInclude reads the files of a path that is relative to the one that
// includes it.
func (l *loader) yamlInclude(from, path string) error {
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(from), path)
	}
	paths := []string{path}
	if strings.Contains(path, "*") {
		var err error
		if paths, err = glob(path); err != nil {
			return err
		}
	}
	for _, p := range paths {
		if err := l.yaml(p); err != nil {
			return err
		}
	}
	return nil
}

// yamlEnv reads variables: name: value, or a list of name with value or uri.
func (l *loader) yamlEnv(env node) error {
	for name, value := range env.pairs {
		if err := l.env.define(name, value.text); err != nil {
			return err
		}
	}
	for _, one := range env.list {
		value := one.get("value").text
		if uri := one.get("uri").text; uri != "" {
			value = fileURI + strings.TrimPrefix(uri, fileURI)
		}
		if err := l.env.define(one.get("name").text, value); err != nil {
			return err
		}
	}
	return nil
}

// yamlSection reads one input, filter or output. The elements of a list are one
// setting each, and maps belong to the agent, such as processors.
func yamlSection(n node) (*Section, error) {
	s := &Section{}
	if n.pairs == nil {
		return nil, fmt.Errorf("each element must be a map with a name")
	}
	for written, value := range n.pairs {
		key := yamlKey(written)
		switch {
		case key == "processors":
			s.Processors = true
		case value.list != nil:
			for _, one := range value.list {
				s.Settings = append(s.Settings, Setting{key, strings.TrimSpace(one.text)})
			}
		case value.pairs == nil:
			s.Settings = append(s.Settings, Setting{key, strings.TrimSpace(value.text)})
		}
	}
	slices.SortStableFunc(s.Settings, func(a, b Setting) int { return strings.Compare(a.Key, b.Key) })
	return s, nil
}

// yamlKey returns a key as the agent looks for it: labelKeys is label_keys.
func yamlKey(key string) string {
	key = strings.TrimSpace(key)
	if key == "" || key[0] < 'a' || key[0] > 'z' || strings.Contains(key, "_") {
		return strings.ToLower(key)
	}
	var b strings.Builder
	for i := range len(key) {
		c := key[i]
		if c >= 'A' && c <= 'Z' {
			b.WriteByte('_')
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}
