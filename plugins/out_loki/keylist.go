package outloki

import (
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/options"
)

// keyList is the keys at the top level of a record that the line leaves out.
type keyList struct {
	keys [][]byte
	text string
}

func keyListValue(dst *keyList) options.Value {
	return options.Parsed(dst, "comma-separated list", func(text string) (keyList, error) {
		all := keyList{text: text}
		for _, element := range splitList(text) {
			key, err := parseTopKey(element)
			if err != nil {
				return keyList{}, fmt.Errorf("has element %q, which %w", element, err)
			}
			all.keys = append(all.keys, []byte(key))
		}
		return all, nil
	}, func(l keyList) string { return l.text })
}

func parseTopKey(text string) (string, error) {
	if text == "" {
		return "", fmt.Errorf("must be a key")
	}
	if !strings.HasPrefix(text, "$") {
		return text, nil
	}
	path, err := accessor.Compile(text)
	switch {
	case err != nil:
		return "", fmt.Errorf("is no path: %w", err)
	case path.Source() != accessor.Record:
		return "", fmt.Errorf("is not in the record: only its keys can be removed")
	case path.Nested():
		return "", fmt.Errorf("is below the top level: only whole top-level keys can be removed, such as %s", path.Top())
	}
	return path.Top(), nil
}
