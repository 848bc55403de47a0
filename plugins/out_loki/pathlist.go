package outloki

import (
	"fmt"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/options"
)

// pathList is paths into a record or beside it.
type pathList struct {
	paths []*accessor.Accessor
	text  string
}

func pathListValue(dst *pathList) options.Value {
	return options.Parsed(dst, "comma-separated list", func(text string) (pathList, error) {
		all := pathList{text: text}
		for _, element := range splitList(text) {
			path, err := parseEventPath(element)
			if err != nil {
				return pathList{}, fmt.Errorf("has element %q, which %w", element, err)
			}
			all.paths = append(all.paths, path)
		}
		return all, nil
	}, func(l pathList) string { return l.text })
}

// parseEventPath reads a key, or a path that does not go to the tag.
func parseEventPath(text string) (*accessor.Accessor, error) {
	switch {
	case text == "":
		return nil, fmt.Errorf("must be a key or a path such as $key['nested']")
	case !accessor.IsPath(text):
		return accessor.Key(text), nil
	}
	path, err := accessor.Compile(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("is no path: %w", err)
	case !path.InEvent():
		return nil, fmt.Errorf("is the tag: must be a path into the record or beside it")
	}
	return path, nil
}

// keyPath is one such path.
type keyPath struct {
	*accessor.Accessor
	text string
}

func keyPathValue(dst *keyPath) options.Value {
	return options.Parsed(dst, "key or path", func(text string) (keyPath, error) {
		path, err := parseEventPath(text)
		return keyPath{path, text}, err
	}, func(p keyPath) string { return p.text })
}
