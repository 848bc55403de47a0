package outlogtide

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/options"
)

// source is where an operator wants a member of the log from. The zero value
// leaves it to the record.
type source struct {
	text string
	// path is nil for a fixed text.
	path *accessor.Accessor
}

func sourceValue(dst *source, fixed bool) options.Value {
	kind := "path"
	if fixed {
		kind = "text or path"
	}
	return options.Parsed(dst, kind, func(text string) (source, error) {
		return parseSource(text, fixed)
	}, func(s source) string { return s.text })
}

func parseSource(text string, fixed bool) (source, error) {
	if !accessor.IsPath(text) {
		if !fixed {
			return source{}, errors.New("must be a path, such as $key or $key['nested']")
		}
		if strings.ContainsRune(text, 0) || units(text) > maxService {
			return source{}, fmt.Errorf("must have at most %d characters", maxService)
		}
		return source{text: text}, nil
	}
	path, err := accessor.Compile(text)
	if err != nil {
		return source{}, fmt.Errorf("is no path: %w", err)
	}
	return source{text: text, path: path}, nil
}
