package outloki

import (
	"regexp"
	"strconv"
	"strings"
)

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

// matcher is one label of a selector.
var matcher = regexp.MustCompile("^\\s*([a-zA-Z_][a-zA-Z0-9_]*)\\s*=\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)\\s*(?:,|$)")

// selector returns the labels of {name="value", …} as elements of a list:
// Grafana's plugin for Fluent Bit has its labels that way.
func selector(text string) (elements []string, ok bool) {
	inner, opened := strings.CutPrefix(strings.TrimSpace(text), "{")
	inner, closed := strings.CutSuffix(inner, "}")
	if !opened || !closed {
		return nil, false
	}
	for inner != "" {
		m := matcher.FindStringSubmatch(inner)
		if m == nil {
			return nil, false
		}
		value, err := strconv.Unquote(m[2])
		if err != nil {
			return nil, false
		}
		elements = append(elements, m[1]+"="+value)
		inner = inner[len(m[0]):]
	}
	return elements, len(elements) > 0
}
