package outloki

import (
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/jsontext"
	"github.com/tidegate/tidegate/common/options"
)

// keyList is the keys of a record, at any depth, that the line leaves out.
type keyList struct {
	paths [][]string
	text  string
}

func keyListValue(dst *keyList) options.Value {
	return options.Parsed(dst, "comma-separated list", func(text string) (keyList, error) {
		all := keyList{text: text}
		for _, element := range splitList(text) {
			keys, err := parseRemoved(element)
			if err != nil {
				return keyList{}, fmt.Errorf("has element %q, which %w", element, err)
			}
			all.paths = append(all.paths, keys)
		}
		return all, nil
	}, func(l keyList) string { return l.text })
}

func parseRemoved(text string) ([]string, error) {
	if text == "" {
		return nil, fmt.Errorf("must be a key")
	}
	if !strings.HasPrefix(text, "$") {
		return []string{text}, nil
	}
	path, err := accessor.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("is no path: %w", err)
	}
	if path.Source() != accessor.Record {
		return nil, fmt.Errorf("is not in the record: only its keys can be removed")
	}
	keys, ok := path.Keys()
	if !ok {
		return nil, fmt.Errorf("has an index: only keys of maps can be removed")
	}
	return keys, nil
}

// omit returns what the line leaves out, nil for nothing.
func (l *keyList) omit() *jsontext.Omit {
	if len(l.paths) == 0 {
		return nil
	}
	o := &jsontext.Omit{}
	for _, keys := range l.paths {
		o.Add(keys...)
	}
	return o
}
