package outloki

import (
	"errors"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/labels"
)

// defaultName and defaultValue make the label of a record that has no other:
// Loki takes no stream without labels. It is the one that Fluent Bit's own
// output uses, so that queries find the same records after a move.
const (
	defaultName  = "job"
	defaultValue = "fluent-bit"
)

// plan says how records get their labels, their structured metadata, their
// line and their tenant. It is made once and only read afterwards.
type plan struct {
	// fields looks up everything that comes from the record, by paths.
	fields *accessor.Set
	paths  []*accessor.Accessor
	// width is the number of fields. The first keyed of them decide on the
	// stream.
	width, keyed int

	tenant    plannedTenant
	labels    []plannedLabel // sorted by name
	spread    []int          // fields that are maps, each pair of which is a label
	unlabeled []plannedLabel // the labels of a record without others
	metadata  plannedMetadata
	line      plannedLine
}

// plannedLabel is a label and where its value comes from.
type plannedLabel struct {
	name  string
	value value
	level bool // to be normalised
}

// kubernetesLabels is where Fluent Bit's filter puts the labels of a pod.
var kubernetesLabels = []string{"kubernetes", "labels"}

// newPlan puts the options together. The error names all labels that are
// there twice.
func newPlan(l *labeling) (*plan, error) {
	p := &plan{}
	var fields fieldList
	var errs [3]error
	p.tenant = plannedTenant{key: fields.value(l.tenantKey), other: fields.value(l.tenantID)}
	p.labels, errs[0] = l.plan(&fields, l.labels.list, l.labelKeys.list, l.labelMap.list)
	if l.autoKubernetes {
		path, err := accessor.Below(kubernetesLabels...)
		if err != nil {
			return nil, err
		}
		p.spread = append(p.spread, fields.add(path))
	}
	p.unlabeled, errs[1] = l.plan(&fields, l.defaultLabels.list)
	p.keyed = len(fields.paths)
	p.metadata, errs[2] = l.planMetadata(&fields)
	p.line = l.planLine(&fields)
	p.fields, p.paths, p.width = accessor.NewSet(fields.paths...), fields.paths, len(fields.paths)
	return p, errors.Join(errs[:]...)
}

// plan makes labels, sorted by name.
func (l *labeling) plan(fields *fieldList, lists ...[]binding) ([]plannedLabel, error) {
	var names labels.Names
	var errs []error
	var planned []plannedLabel
	for _, b := range slices.Concat(lists...) {
		name := b.called(l.labelNames == namesByFullPath)
		errs = append(errs, names.Add(name, b.text))
		planned = append(planned, plannedLabel{name, fields.value(b.value), l.normalizeLevel && name == levelName})
	}
	slices.SortStableFunc(planned, func(a, b plannedLabel) int { return strings.Compare(a.name, b.name) })
	return planned, errors.Join(errs...)
}

// appendText appends the label set of a record, and returns what fit moved out
// of it. It runs once for each stream of a chunk.
func (p *plan) appendText(dst []byte, rec *view, fit func([]labels.Label) ([]labels.Label, []byte)) (out, moved []byte, err error) {
	set, err := labelsOf(p.labels, rec)
	if err != nil {
		return dst, nil, err
	}
	for _, field := range p.spread {
		more, err := pairsOf(rec.fields[field])
		if err != nil {
			return dst, nil, err
		}
		set = labels.Merge(set, more)
	}
	set, moved = fit(set)
	out, n := labels.Append(dst, set)
	if n > 0 {
		return out, moved, nil
	}
	if set, err = labelsOf(p.unlabeled, rec); err != nil {
		return dst, nil, err
	}
	set, more := fit(set)
	if out, n = labels.Append(dst, set); n == 0 {
		out, _ = labels.Append(dst, []labels.Label{{Name: defaultName, Value: []byte(defaultValue)}})
	}
	return out, append(moved, more...), nil
}

// dynamic reports whether records choose the value of a label. The operator
// chooses those of fixed text, of which there is one each.
func (p *plan) dynamic(name string) bool {
	for _, planned := range [][]plannedLabel{p.labels, p.unlabeled} {
		for i := range planned {
			if planned[i].name == name {
				return !planned[i].value.fixed()
			}
		}
	}
	return true // a key of a map
}

// labelsOf returns planned labels with a record's values. One whose value has a
// part without a text has none.
func labelsOf(planned []plannedLabel, rec *view) ([]labels.Label, error) {
	set := make([]labels.Label, 0, len(planned))
	for i := range planned {
		l := &planned[i]
		text, whole, err := l.value.append(nil, rec)
		switch {
		case err != nil:
			return nil, err
		case !whole:
			continue
		case l.level:
			text = normalLevel(text)
		}
		set = append(set, labels.Label{Name: l.name, Value: text})
	}
	return set, nil
}
