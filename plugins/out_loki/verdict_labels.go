package outloki

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var namesText = regexp.MustCompile(`has \d+ label names; limit (\d+)`)

// labelTexts are about the labels of a whole stream, which they give as they
// were sent.
var labelTexts = []string{
	"duplicate label name", "missing required labels", "at least one label pair", "rror parsing labels",
}

// labels blames the streams whose labels the answer is about. Loki counts one
// case for each of them.
func (v *verdict) labels(body []byte) {
	names := -1
	if m := namesText.FindSubmatch(body); m != nil {
		names, _ = strconv.Atoi(string(m[1]))
	}
	named := false
	for _, text := range labelTexts {
		named = named || contains(body, text)
	}
	long := contains(body, "label value too long: '") || contains(body, "label name too long: '")
	if names < 0 && !named && !long {
		return
	}
	for from := 0; from < len(v.push.entries); {
		n := run(v.push.entries[from:])
		text := string(v.batch.streams.texts.get(v.push.entries[from].stream))
		if breaksLabels(body, text, names, long) || named && (n == len(v.of) || contains(body, text)) {
			for i := from; i < from+n; i++ {
				v.of[i] = labelLimit
			}
			v.found++
		}
		from += n
	}
}

// breaksLabels holds a label set against what the answer tells.
func breaksLabels(body []byte, text string, names int, long bool) bool {
	set := readLabels(text)
	n := len(set)
	for _, l := range set {
		if l.name == "service_name" {
			n-- // which Loki itself adds, and does not count
		}
		if long && (contains(body, "label value too long: '"+l.value+"'") || contains(body, "label name too long: '"+l.name+"'")) {
			return true
		}
	}
	return names >= 0 && n > names
}

// textLabel is a label of a set that was written as text.
type textLabel struct{ name, value string }

// readLabels reads {a="x", b="y"}, up to what it cannot read.
func readLabels(text string) []textLabel {
	set, _ := cutLabels(text)
	return set
}

// cutLabels reads a label set at the front of a text, and returns what is
// behind it.
func cutLabels(text string) (set []textLabel, rest string) {
	text = strings.TrimPrefix(text, "{")
	for {
		name, rest, found := strings.Cut(text, "=")
		if !found || strings.HasPrefix(text, "}") {
			return set, text
		}
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return set, text
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			return set, text
		}
		set = append(set, textLabel{strings.TrimLeft(name, ", "), value})
		text = rest[len(quoted):]
	}
}

// takeSets takes the label sets out of an answer, and leaves their numbers: what
// is in a label's value is none of Loki's words.
func takeSets(body []byte) (out []byte, sets []string) {
	text := string(body)
	for {
		before, after, found := strings.Cut(text, "'{")
		out = append(out, before...)
		if !found {
			return out, sets
		}
		_, rest := cutLabels(after)
		if !strings.HasPrefix(rest, "}'") {
			out, text = append(out, "'{"...), after
			continue
		}
		out = fmt.Appendf(out, "'{%d}'", len(sets))
		sets = append(sets, "{"+after[:len(after)-len(rest)]+"}")
		text = rest[len("}'"):]
	}
}

// ownLabels are added by Loki to a stream that it stores.
var ownLabels = map[string]bool{"service_name": true, "__stream_shard__": true, "__time_shard__": true}

// sameStream reports whether a label set that Loki tells is that of a stream of
// ours.
func sameStream(ours, told string) bool {
	mine := readLabels(ours)
	at := 0
	for _, l := range readLabels(told) {
		switch {
		case at < len(mine) && mine[at] == l:
			at++
		case !ownLabels[l.name]:
			return false
		}
	}
	return at == len(mine)
}
