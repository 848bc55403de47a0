package outloki

import "slices"

// allPairs has the metadata of the entry written again, of maps whose values
// are marks, before the limits leave any of it out. The first explicit pairs
// are no map's.
func (k *look) allPairs() (all []textLabel, explicit int) {
	there := k.fitted.there
	if !k.plan.metadata.some {
		all = readPairs(there)
		return all, len(all)
	}
	m := &k.free.metadata
	marked := k.marked(k.plan.metadata.maps)
	written, err := m.append(slices.Clone(there), 0, &marked)
	if err != nil {
		return k.fitted.pairs, len(k.fitted.pairs) // which was written before, so this is never reached
	}
	for _, field := range k.plan.metadata.maps {
		marked.fields[field] = nil
	}
	bare, err := m.append(slices.Clone(there), 0, &marked)
	if err != nil {
		return k.fitted.pairs, len(k.fitted.pairs) // as above
	}
	explicit, _ = countPairs(bare)
	return readPairs(written), explicit
}

// metadata explains the structured metadata of the entry: the first of all
// pairs, in their order.
func (k *look) metadata() (explained []Explained) {
	all, explicit := k.allPairs()
	there, _ := countPairs(k.fitted.there)
	for i, p := range k.fitted.pairs {
		var from string
		switch {
		case i < k.fitted.moved:
			from = k.movedFrom(p.name, k.fitted.pairs[:i])
		case i < there:
			from = "the record's own time (time_out_of_bounds)"
		case i < explicit:
			from = k.pairFrom(p.name)
		default:
			field, key := readMark(all[i].value)
			from = k.plan.paths[field].At(key) + " (structured_metadata_map_keys)"
		}
		explained = append(explained, Explained{p.name, p.value, from})
	}
	return explained
}

// movedFrom tells where the label comes from that became metadata. before are
// the pairs before it: the default labels come after the record's own.
func (k *look) movedFrom(name string, before []textLabel) string {
	_, own := valueIn(k.whole.labels, name)
	_, twice := valueIn(before, name)
	from := ""
	switch w, is := k.words.unlabeled[name]; {
	case own && !twice && !k.noLabel:
		from = k.ownFrom(name)
	case is:
		from = w.from(k.ev)
	}
	return from + ", by a limit of labels"
}

// pairFrom tells where a pair comes from that the operator named.
func (k *look) pairFrom(name string) string {
	for i := range k.plan.metadata.pairs {
		if p := &k.plan.metadata.pairs[i]; p.name == name {
			return k.words.pairs[name].from(k.ev) + k.normalized(p.level, &p.value)
		}
	}
	for i := range k.plan.metadata.ids {
		if id := &k.plan.metadata.ids[i]; id.name == name {
			return k.idFrom(id)
		}
	}
	return ""
}

// idFrom tells which of its paths gave an id.
func (k *look) idFrom(id *plannedID) string {
	for _, field := range id.fields {
		one := plannedID{fields: []int{field}, size: id.size}
		if text, err := one.append(nil, k.rec); err == nil && len(text) > 0 {
			from := k.plan.paths[field].String() + " (" + id.name + ")"
			return from + inText(k.plan.paths[field], k.ev, from)
		}
	}
	return ""
}

// valueIn returns the value of a name.
func valueIn(all []textLabel, name string) (value string, is bool) {
	for _, l := range all {
		if l.name == name {
			return l.value, true
		}
	}
	return "", false
}
