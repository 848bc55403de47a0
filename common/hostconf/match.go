package hostconf

import (
	"fmt"
	"regexp"
	"strings"
)

// Match reports whether a tag is of a pattern of the setting match, in which *
// stands for any text.
func Match(pattern, tag string) bool {
	star, mark := -1, 0
	p, t := 0, 0
	for t < len(tag) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && pattern[p] == tag[t]:
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// MatchRegex reports whether a tag is of an expression of the setting
// match_regex, which holds from the tag's beginning. The agent's expressions
// are Ruby's: those that Go does not have are an error.
func MatchRegex(expression, tag string) (bool, error) {
	inner, flags := expression, ""
	if end := strings.LastIndexByte(inner, '/'); end > 0 && inner[0] == '/' {
		inner, flags = inner[1:end], inner[end+1:]
	}
	if strings.Contains(flags, "i") {
		inner = "(?i:" + inner + ")"
	}
	r, err := regexp.Compile(`\A(?:` + inner + ")")
	if err != nil {
		return false, fmt.Errorf("reading the expression %q: %w", expression, err)
	}
	at := r.FindStringIndex(tag)
	return at != nil && at[1] > 0, nil
}

// Taken reports whether an output takes records of a tag. One with neither match
// nor match_regex takes all.
func (s *Section) Taken(tag string) (bool, error) {
	pattern, matches := s.Get("match")
	expression, isRegex := s.Get("match_regex")
	if isRegex {
		if is, err := MatchRegex(expression, tag); is || err != nil {
			return is, err
		}
	}
	if !matches {
		return !isRegex, nil
	}
	return Match(pattern, tag), nil
}
