package labels

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Label is a name and a value, which is valid UTF-8.
type Label struct {
	Name  string
	Value []byte
}

// replacement is U+FFFD.
var replacement = []byte("\uFFFD")

// Sort sorts labels by name, the order in which Append wants them.
func Sort(set []Label) {
	slices.SortFunc(set, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
}

// Append appends the text of a sorted set: {a="x", b="y"}, with values quoted
// as in Go, which is how Loki reads them. Labels without a value are left out;
// n is the number of those that are there.
//
// A U+FFFD, which stands for what was no UTF-8, becomes a question mark: the
// parser that Loki has for labels takes that character for a mistake, and refuses
// the whole set.
func Append(dst []byte, set []Label) (out []byte, n int) {
	dst = append(dst, '{')
	for _, l := range set {
		if len(l.Value) == 0 {
			continue
		}
		if n > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, l.Name...)
		dst = append(dst, '=')
		dst = strconv.AppendQuote(dst, string(bytes.ReplaceAll(l.Value, replacement, []byte("?"))))
		n++
	}
	return append(dst, '}'), n
}
