package outloki

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsontext"
	"github.com/tidegate/tidegate/common/labels"
	"github.com/tidegate/tidegate/common/reasons"
)

// look is one record that is being explained.
type look struct {
	*Inspector
	ev            *chunk.Event
	rec           *view
	fitted, whole *encoded
	// keys has the path of the key that gave a label its name, where that is
	// the key of a map.
	keys map[string]string
	// noLabel tells that the record has no label of its own, noneFits that the
	// limits leave it none: then it has the default ones.
	noLabel, noneFits bool
}

// sources finds out where labels come from. The plan makes the label set
// again, of maps whose values are marks, and shows it to the limits: once, and
// a second time where it turns to the default labels.
func (k *look) sources() error {
	marked := k.marked(k.plan.spread)
	shown := 0
	_, _, err := k.plan.appendText(nil, &marked, func(set []labels.Label) ([]labels.Label, []byte) {
		if shown++; shown == 1 {
			k.readKeys(set)
		}
		return set, nil
	})
	if err != nil {
		return err
	}
	k.noLabel, shown = shown > 1, 0
	if k.fitted == k.whole {
		return nil
	}
	var changes reasons.Sums[change]
	_, _, err = k.plan.appendText(nil, k.rec, func(set []labels.Label) ([]labels.Label, []byte) {
		shown++
		return k.ask.fit(set, k.plan.dynamic, &changes)
	})
	k.noneFits = shown > 1 && !k.noLabel
	return err
}

// readKeys finds the labels of a set that keys of maps gave their names.
func (k *look) readKeys(set []labels.Label) {
	k.keys = map[string]string{}
	for _, l := range set {
		if !k.isPlanned(l.Name) && len(l.Value) > 0 {
			field, key := readMark(string(l.Value))
			k.keys[l.Name] = k.plan.paths[field].At(key) + " (auto_kubernetes_labels)"
		}
	}
}

// isPlanned reports whether the label of that name, which the record has, is one
// that the operator wrote: those go before a map's.
func (k *look) isPlanned(name string) bool {
	at := slices.IndexFunc(k.plan.labels, func(l plannedLabel) bool { return l.name == name })
	if at < 0 {
		return false
	}
	text, whole, err := k.plan.labels[at].value.append(nil, k.rec)
	return err == nil && whole && len(text) > 0
}

// marked returns the record with the maps of some fields marked.
func (k *look) marked(fields []int) view {
	v := view{k.rec.tag, slices.Clone(k.rec.fields)}
	for _, f := range fields {
		v.fields[f] = markMap(f, v.fields[f])
	}
	return v
}

// markMap returns a map of the same keys whose values are marks. What has no
// text stays, so that it makes no label and no pair here either.
func markMap(field int, m []byte) []byte {
	marked, n := []byte{0}, 0
	if chunk.KindOf(m) != chunk.Map {
		return m
	}
	err := eachPair(m, func(key, value []byte) error {
		marked = append(marked, key...)
		n++
		if text, err := jsontext.AppendText(nil, value); err != nil || len(text) == 0 || isNil(value) {
			marked = append(marked, value...)
			return err
		}
		name, err := jsontext.AppendText(nil, key)
		marked = chunk.AppendString(marked, strconv.Itoa(field)+"="+string(name))
		return err
	})
	if err != nil {
		return m // which the encoder does not read either
	}
	return chunk.FinishMap(marked, 0, n)
}

// readMark returns the field of a mark, and the key.
func readMark(mark string) (field int, key string) {
	number, key, _ := strings.Cut(mark, "=")
	field, _ = strconv.Atoi(number) // which markMap wrote
	return field, key
}

// labelFrom tells where the label of a name comes from.
func (k *look) labelFrom(name string) string {
	if !k.noLabel && !k.noneFits {
		return k.ownFrom(name)
	}
	why := "no other label has a value"
	if k.noneFits {
		why = "the limits leave no other label"
	}
	if w, is := k.words.unlabeled[name]; is {
		return w.from(k.ev) + ": " + why
	}
	return "always there: " + why + ", nor has default_labels"
}

// ownFrom is labelFrom for a label of the record's own.
func (k *look) ownFrom(name string) string {
	if path, is := k.keys[name]; is {
		return path
	}
	from := k.words.labels[name].from(k.ev)
	at := slices.IndexFunc(k.plan.labels, func(l plannedLabel) bool { return l.name == name })
	if at >= 0 {
		from += k.normalized(k.plan.labels[at].level, &k.plan.labels[at].value)
	}
	return from
}

// normalized tells the spelling that normalize_level has changed.
func (k *look) normalized(level bool, v *value) string {
	text, _, err := v.append(nil, k.rec)
	if err != nil || !level || string(normalLevel(text)) == string(text) {
		return ""
	}
	return ", there " + strconv.Quote(string(text)) + " (normalize_level)"
}

// tenantFrom tells where the tenant comes from.
func (k *look) tenantFrom() string {
	for _, t := range []struct {
		value   *value
		wording wording
	}{
		{&k.plan.tenant.key, worded("tenant_id_key", k.labeling.tenantKey)},
		{&k.plan.tenant.other, worded("tenant_id", k.labeling.tenantID)},
	} {
		if id, whole, err := t.value.append(nil, k.rec); err == nil && whole && len(id) > 0 {
			return t.wording.from(k.ev)
		}
	}
	return ""
}

// lineFrom tells how the record became the line.
func (k *look) lineFrom() string {
	p := &k.plan.line
	without := ""
	for option, is := range map[string]bool{"remove_keys": len(k.labeling.removeKeys.paths) > 0, "remove_label_keys": k.labeling.removeLabelKeys} {
		if is && without != "" {
			without = ", without remove_keys and remove_label_keys"
		} else if is {
			without = ", without " + option
		}
	}
	if p.single != singleOff {
		if _, _, is := p.omit.Single(k.ev.Body); is {
			return "the only value" + without + " (drop_single_key)"
		}
	}
	switch p.format {
	case formatTemplate:
		return worded("line_template", k.labeling.lineTemplate).from(k.ev)
	case formatRaw:
		key := worded("line_key", accessor.PathTemplate(k.labeling.lineKey.Accessor))
		if !isNil(k.rec.fields[p.value.parts[0].field]) {
			return key.from(k.ev)
		}
		return "json, because line_key " + k.labeling.lineKey.text + " has no value" + without
	}
	return p.format + without + " (line_format)"
}
