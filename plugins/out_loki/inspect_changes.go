package outloki

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/common/labels"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/reasons"
)

// changes tells what the limits did: how the entry differs from the same one
// without limits.
func (k *look) changes() (all []string) {
	if k.fitted == k.whole {
		return nil
	}
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for _, l := range k.whole.labels {
		if change := k.labelChange(l); change != "" {
			all = append(all, change)
		}
	}
	if was, is := len(k.whole.line), len(k.fitted.line); was != is {
		add("line cut from %d to %d bytes: max_line_size %s", was, is, options.FormatSize(k.limits.line))
	}
	if was, is := k.whole.time, k.fitted.time; was != is {
		limit := "max_age " + k.limits.age.String()
		if is < was {
			limit = "max_ahead " + k.limits.ahead.String()
		}
		add("time moved from %s to %s: %s", clock(was), clock(is), limit)
	}
	for _, p := range k.whole.pairs {
		if _, taken := valueIn(readPairs(k.fitted.there), p.name); taken {
			add("structured metadata %s left out: what a limit moved there has its name", p.name)
		}
	}
	if left, _ := k.allPairs(); len(left) > len(k.fitted.pairs) {
		left = left[len(k.fitted.pairs):]
		limit := "max_structured_metadata_size " + options.FormatSize(k.limits.metadataSize)
		if n := k.limits.metadataCount; n > 0 && len(k.fitted.pairs) == n {
			limit = "max_structured_metadata_count " + strconv.Itoa(n)
		}
		add("%s of structured metadata left out: %s: %s", pairs(len(left)), someNames(left), limit)
	}
	return all
}

// labelChange tells what became of one label, empty if nothing did.
func (k *look) labelChange(was textLabel) string {
	is, there := valueIn(k.fitted.labels, was.name)
	there = there && !k.noneFits
	if there && is == was.value {
		return ""
	}
	// The limits are asked about this label alone: then their number of labels
	// has no say.
	var alone reasons.Sums[change]
	k.ask.fit([]labels.Label{{Name: was.name, Value: []byte(was.value)}}, k.plan.dynamic, &alone)
	l := k.limits
	switch {
	case alone.Records(labelDemoted) > 0 && there:
		return fmt.Sprintf("label %s has more than %d values, now %s: label_cardinality", was.name, l.cardinality, overflowValue)
	case alone.Records(labelDemoted) > 0:
		return fmt.Sprintf("label %s has more than %d values, now structured metadata: label_cardinality", was.name, l.cardinality)
	case there:
		return fmt.Sprintf("label %s cut from %d to %d bytes: max_label_value_length %d", was.name, len(was.value), len(is), l.labelValue)
	case alone.Records(labelsMoved) > 0:
		return fmt.Sprintf("label %s moved to structured metadata: max_label_name_length %d", was.name, l.labelName)
	default:
		return fmt.Sprintf("label %s moved to structured metadata: max_label_names %d", was.name, l.labelNames)
	}
}

func clock(unixNano int64) string { return time.Unix(0, unixNano).UTC().Format(time.RFC3339Nano) }

func pairs(n int) string {
	if n == 1 {
		return "1 pair"
	}
	return strconv.Itoa(n) + " pairs"
}

// mostNames is how many of the pairs that were left out are named.
const mostNames = 5

func someNames(all []textLabel) string {
	var names []string
	for i, p := range all {
		if i == mostNames {
			names = append(names, "…")
			break
		}
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}
