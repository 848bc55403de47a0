package outloki

import (
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/chunk"
)

// wording is where an operator wrote a value, and what.
type wording struct {
	option string
	value  accessor.Template
	text   string
}

// worded is an option that is one template.
func worded(option string, t accessor.Template) wording { return wording{option, t, t.String()} }

// words has the wordings by the names of labels, of default labels and of pairs
// of structured metadata.
type words struct{ labels, unlabeled, pairs map[string]wording }

func (l *labeling) words() words {
	byName := func(options map[string]bindings) map[string]wording {
		all := map[string]wording{}
		for option, written := range options {
			for i := range written.list {
				b := &written.list[i]
				w := wording{option: option, value: b.value, text: b.value.String()}
				if option == "label_map_path" {
					w.text = b.value.Path().Place() // the file has no path
				}
				all[b.called(l.labelNames == namesByFullPath)] = w
			}
		}
		return all
	}
	return words{
		labels:    byName(map[string]bindings{"labels": l.labels, "label_keys": l.labelKeys, "label_map_path": l.labelMap}),
		unlabeled: byName(map[string]bindings{"default_labels": l.defaultLabels}),
		pairs:     byName(map[string]bindings{"structured_metadata": l.metadata}),
	}
}

// from tells a wording, and in which texts of the record it found its value.
func (w wording) from(ev *chunk.Event) string {
	text := w.text
	if fixed, is := w.value.Fixed(); is {
		text = strconv.Quote(fixed)
	}
	from := text + " (" + w.option + ")"
	for _, p := range w.value.Parts() {
		if p.Path != nil {
			from += inText(p.Path, ev, from)
		}
	}
	return from
}

// inText tells where a path reads on in a text, if that is not said before.
func inText(path *accessor.Accessor, ev *chunk.Event, before string) string {
	outer := path.TextOf(ev)
	if outer == "" {
		return ""
	}
	if note := ", in the JSON text of " + outer; !strings.Contains(before+",", note+",") {
		return note
	}
	return ""
}
