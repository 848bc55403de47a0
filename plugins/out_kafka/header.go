package outkafka

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/options"
)

// header is one header of every message.
type header struct {
	name  string
	value source
}

// headers is what the option holds.
type headers struct {
	text string
	list []header
}

func headersValue(dst *headers) options.Value {
	return options.Parsed(dst, "comma-separated list", parseHeaders, func(h headers) string { return h.text })
}

// parseHeaders reads name=value and name=$path. A path may hold commas in its
// quotes, a fixed value none.
func parseHeaders(text string) (headers, error) {
	all := headers{text: text}
	for rest, more := text, true; more; {
		end := elementEnd(rest)
		element := strings.TrimSpace(rest[:end])
		h, err := parseHeader(element)
		if err != nil {
			return headers{}, fmt.Errorf("has element %q, which %w", element, err)
		}
		all.list = append(all.list, h)
		if more = end < len(rest); more {
			rest = rest[end+1:]
		}
	}
	return all, nil
}

// elementEnd returns where the first element of a list ends: at a comma that
// is not part of a path.
func elementEnd(text string) int {
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case ',':
			return at
		case '[':
			at = bracketEnd(text, at) - 1
		}
	}
	return len(text)
}

func parseHeader(text string) (header, error) {
	name, value, _ := strings.Cut(text, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if name == "" || value == "" {
		return header{}, errors.New("must be name=value or name=$path")
	}
	s, err := parseSource(value)
	s.bytes = true
	return header{name, s}, err
}

// parseSource reads a fixed text or, after a $, a path.
func parseSource(text string) (source, error) {
	if !accessor.IsPath(text) {
		return source{fixed: strings.ToValidUTF8(text, "\uFFFD")}, nil
	}
	path, err := accessor.Compile(text)
	if err != nil {
		return source{}, wrongPath(0, err)
	}
	return source{path: path}, nil
}
