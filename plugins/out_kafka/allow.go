package outkafka

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/options"
)

// allowList is the names that may be made from records. Whoever writes a log
// line chooses what stands in it, so a name is nothing to trust.
type allowList struct {
	text     string
	names    []string
	patterns []*regexp.Regexp
}

func allowListValue(dst *allowList) options.Value {
	return options.Parsed(dst, "comma-separated list", parseAllowList, func(a allowList) string { return a.text })
}

func parseAllowList(text string) (allowList, error) {
	a := allowList{text: text}
	for element := range strings.SplitSeq(text, ",") {
		element = strings.TrimSpace(element)
		if !strings.HasPrefix(element, "^") {
			if err := kafkaconf.CheckTopic(element); err != nil {
				return allowList{}, fmt.Errorf("has element %q, which %w, or ^ and a regular expression", element, err)
			}
			a.names = append(a.names, element)
			continue
		}
		pattern, err := regexp.Compile(element)
		if err != nil {
			return allowList{}, fmt.Errorf("has element %q, which must be a regular expression: %w", element, err)
		}
		a.patterns = append(a.patterns, pattern)
	}
	return a, nil
}

// elements are the names and expressions as they were written.
func (a *allowList) elements() []string {
	all := slices.Clone(a.names)
	for _, p := range a.patterns {
		all = append(all, p.String())
	}
	return all
}

func (a *allowList) has(name string) bool {
	return slices.Contains(a.names, name) ||
		slices.ContainsFunc(a.patterns, func(p *regexp.Regexp) bool { return p.MatchString(name) })
}
