package outloki

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What Loki's distributor says of times, once for each stream and second, with
// the number of entries. It tells seconds, but judges by nanoseconds.
var (
	oldText = regexp.MustCompile(`(?:(\d+) errors like: )?entry for stream '([^']*)' has timestamp too old: ([0-9TZ:+-]+), oldest acceptable timestamp is: ([0-9TZ:+-]+)`)
	newText = regexp.MustCompile(`(?:(\d+) errors like: )?entry for stream '([^']*)' has timestamp too new: ([0-9TZ:+-]+)`)
)

// timeCase is one of these: count entries of a stream, within a second.
type timeCase struct {
	count  int
	labels string
	second int64
	bound  int64 // the oldest second that is taken, 0 for none
}

// times blames the entries that are too old, and too new.
func (v *verdict) times() {
	old, young := v.timeCases(oldText), v.timeCases(newText)
	if len(old)+len(young) == 0 {
		return
	}
	places := v.places()
	for _, c := range old {
		v.timed(tooOld, places.of(v, c.labels), c)
	}
	for _, c := range young {
		v.timed(tooNew, places.of(v, c.labels), c)
	}
	if !v.cut {
		return
	}
	// What it did not come to tell of: the bounds are the same for all streams.
	for i := range v.push.entries {
		at := floorSecond(v.push.entries[i].time)
		switch {
		case slices.ContainsFunc(old, func(c timeCase) bool { return at < c.bound }):
			v.blame(i, tooOld)
		case slices.ContainsFunc(young, func(c timeCase) bool { return at > c.second }):
			v.blame(i, tooNew)
		}
	}
}

// timed blames entries of the stream of a case. Of a second in which some were
// taken, the oldest are too old and the newest too new; those of one time share
// their fate.
func (v *verdict) timed(why reason, place span, c timeCase) {
	var at []int
	for i := place.start; i < place.end; i++ {
		if v.of[i] == innocent && floorSecond(v.push.entries[i].time) == c.second {
			at = append(at, i)
		}
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(v.push.entries[a].time, v.push.entries[b].time) })
	if why == tooNew {
		slices.Reverse(at)
	}
	before := v.found
	for n, i := range at {
		if n >= max(c.count, 1) && v.push.entries[i].time != v.push.entries[at[n-1]].time {
			break
		}
		v.blame(i, why)
	}
	v.found = min(v.found, before+c.count)
}

func (v *verdict) timeCases(text *regexp.Regexp) (all []timeCase) {
	for _, m := range text.FindAllSubmatch(v.body, -1) {
		c := timeCase{count: 1}
		if len(m[1]) > 0 {
			c.count, _ = strconv.Atoi(string(m[1])) // digits; one that is too long is as large as can be
		}
		at, err := time.Parse(time.RFC3339, string(m[3]))
		if err != nil {
			continue
		}
		c.second = at.Unix()
		if len(m) > 4 {
			if at, err := time.Parse(time.RFC3339, string(m[4])); err == nil {
				c.bound = at.Unix()
			}
		}
		number, err := strconv.Atoi(strings.Trim(string(m[2]), "{}"))
		if err == nil && number < len(v.sets) {
			c.labels = v.sets[number]
		}
		all = append(all, c)
	}
	return all
}

// places are where the entries of each stream are in a push, by its labels
// without those that Loki adds itself.
type places map[string][]span

func (v *verdict) places() places {
	all := places{}
	for from := 0; from < len(v.push.entries); {
		to := from + run(v.push.entries[from:])
		key := placeKey(string(v.batch.streams.texts.get(v.push.entries[from].stream)))
		all[key] = append(all[key], span{from, to})
		from = to
	}
	return all
}

// of returns where the entries of a stream are that an answer names. If it is
// none of the push, because something between here and Loki changes labels, it
// may be any.
func (p places) of(v *verdict, labels string) span {
	for _, at := range p[placeKey(labels)] {
		if sameStream(string(v.batch.streams.texts.get(v.push.entries[at.start].stream)), labels) {
			return at
		}
	}
	return span{0, len(v.push.entries)}
}

func placeKey(labels string) string {
	var key strings.Builder
	for _, l := range readLabels(labels) {
		if !ownLabels[l.name] {
			key.WriteString(l.name + "=" + strconv.Quote(l.value) + ",")
		}
	}
	return key.String()
}

// floorSecond is a time in whole seconds, as it is printed.
func floorSecond(unixNano int64) int64 { return time.Unix(0, unixNano).Unix() }

// unheard returns the entries of the push that are unheard as one, smaller than
// it was; it is nil for none.
func (v *verdict) unheard() []push {
	p := push{tenant: v.push.tenant}
	for i := range v.push.entries {
		e := v.push.entries[i]
		if v.of[i] != unheard {
			continue
		}
		if n := len(p.entries); n == 0 || p.entries[n-1].stream != e.stream {
			p.streams = append(p.streams, *v.push.runOf(e.stream))
		}
		p.entries = append(p.entries, e)
	}
	if len(p.entries) == 0 {
		return nil
	}
	return []push{p}
}
