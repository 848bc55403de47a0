package outloki

import (
	"regexp"
	"strconv"

	"github.com/tidegate/tidegate/common/httpsend"
)

// What Loki says of single entries, with the limit that they broke. The texts
// are those of its packages validation and chunkenc; those of times are in
// verdict_times.go.
var (
	lineText      = regexp.MustCompile(`max entry size '(\d+)' bytes exceeded`)
	metaSizeText  = regexp.MustCompile(`structured metadata too large: '\d+' bytes, limit: '(\d+)' bytes`)
	metaCountText = regexp.MustCompile(`too many structured metadata labels: '\d+', limit: '(\d+)'`)
	groupedText   = regexp.MustCompile(`(\d+) errors like: `)
)

const (
	// innocent is the verdict on an entry that was stored.
	innocent = numReasons + iota
	// unheard is that on an entry of which the answer would have told, had it
	// not been cut.
	unheard
)

// verdict tells which entries of a push an answer is about that refuses some
// and stored the others. It finds them by the same rules, with the limits that
// the answer tells.
type verdict struct {
	batch *batch
	push  push
	// body is the answer, with sets for the label sets in it: {0} for the first.
	body []byte
	sets []string
	cut  bool
	// of is the verdict on each entry of the push.
	of []reason
	// told is how many cases the answer counts: an entry, or a stream with bad
	// labels. found is how many of them are known.
	told, found int
}

// judge reads the answer to a push that the distributor refused in parts.
func judge(b *batch, p push, rep httpsend.Reply) *verdict {
	v := &verdict{batch: b, push: p, cut: rep.Cut, of: make([]reason, len(p.entries))}
	v.body, v.sets = takeSets(rep.Body)
	v.told = told(v.body)
	for i := range v.of {
		v.of[i] = innocent
	}
	if contains(v.body, "ingestion blocked") {
		v.rest(blocked)
		return v
	}
	v.labels(rep.Body)
	v.times()
	v.sizes(lineTooLong, lineText, func(line, _ []byte) int { return len(line) })
	v.sizes(structuredMetadata, metaSizeText, func(_, pairs []byte) int { _, size := countPairs(pairs); return size })
	v.sizes(structuredMetadata, metaCountText, func(_, pairs []byte) int { count, _ := countPairs(pairs); return count })
	if contains(v.body, "includes structured metadata, but") {
		v.larger(structuredMetadata, 0, func(_, pairs []byte) int { return len(pairs) })
	}
	switch {
	case v.cut && v.found > 0:
		v.rest(unheard)
	case v.cut, v.found < v.told:
		v.rest(suspect)
	}
	return v
}

// told returns how many cases an answer counts.
func told(body []byte) (n int) {
	for _, m := range groupedText.FindAllSubmatch(body, -1) {
		count, err := strconv.Atoi(string(m[1]))
		if err != nil {
			return 1 << 30 // more than there can be
		}
		n += count
	}
	return max(n, 1)
}

// rest gives what is innocent still the verdict.
func (v *verdict) rest(why reason) {
	for i := range v.of {
		if v.of[i] == innocent {
			v.of[i] = why
		}
	}
}

func (v *verdict) blame(i int, why reason) {
	if v.of[i] == innocent {
		v.of[i] = why
		v.found++
	}
}

// sizes blames the entries that are larger than the limit in the answer.
func (v *verdict) sizes(why reason, text *regexp.Regexp, size func(line, pairs []byte) int) {
	m := text.FindSubmatch(v.body)
	if m == nil {
		return
	}
	if limit, err := strconv.Atoi(string(m[1])); err == nil {
		v.larger(why, limit, size)
	}
}

func (v *verdict) larger(why reason, limit int, size func(line, pairs []byte) int) {
	for i := range v.push.entries {
		e := &v.push.entries[i]
		if _, line, pairs := splitEntry(v.batch.arena[e.start:e.end]); size(line, pairs) > limit {
			v.blame(i, why)
		}
	}
}
