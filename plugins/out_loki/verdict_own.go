package outloki

// likely returns the limits that a Loki probably has: what is set here, and its
// defaults for what is not checked here.
func (l *limits) likely() *limits {
	all, defaults := *l, defaultLimits()
	for _, f := range []struct{ set, normal *int }{
		{&all.labelNames, &defaults.labelNames}, {&all.labelName, &defaults.labelName},
		{&all.labelValue, &defaults.labelValue}, {&all.metadataCount, &defaults.metadataCount},
	} {
		if *f.set == 0 {
			*f.set = *f.normal
		}
	}
	for _, f := range []struct{ set, normal *int64 }{
		{&all.line, &defaults.line}, {&all.metadataSize, &defaults.metadataSize},
		{(*int64)(&all.age), (*int64)(&defaults.age)}, {(*int64)(&all.ahead), (*int64)(&defaults.ahead)},
	} {
		if *f.set == 0 {
			*f.set = *f.normal
		}
	}
	return &all
}

// ownVerdict holds an entry against the limits that Loki probably has.
func (d *sending) ownVerdict(e *entry) reason {
	l := d.out.likely
	_, line, pairs := splitEntry(d.batch.arena[e.start:e.end])
	count, size := countPairs(pairs)
	age := d.start.UnixNano() - e.time
	switch {
	case age > int64(l.age):
		return tooOld
	case -age > int64(l.ahead):
		return tooNew
	case int64(len(line)) > l.line:
		return lineTooLong
	case count > l.metadataCount, int64(size) > l.metadataSize:
		return structuredMetadata
	}
	return innocent
}

// couldBeRefused reports whether the distributor could have refused some of a
// stream's entries, which an ingester's answer does not tell.
func (d *sending) couldBeRefused(entries []entry) bool {
	l := d.out.likely
	set := readLabels(string(d.batch.streams.texts.get(entries[0].stream)))
	if len(set) > l.labelNames {
		return true
	}
	for _, x := range set {
		if len(x.name) > l.labelName || len(x.value) > l.labelValue {
			return true
		}
	}
	for i := range entries {
		if d.ownVerdict(&entries[i]) != innocent {
			return true
		}
	}
	return false
}
