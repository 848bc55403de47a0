package outloki

import (
	"slices"

	"github.com/tidegate/tidegate/common/labels"
	"github.com/tidegate/tidegate/common/reasons"
)

// valueMark ends a label's value that was cut.
const valueMark = "…"

// overflowValue stands for the values of a label that has too many.
const overflowValue = "__overflow__"

// labelLimits make label sets fit. They are an instance's, safe for concurrent
// use, and asked once for each new stream of a chunk.
type labelLimits struct {
	limits *limits
	budget *cardinality
	// peeks is for a look at what would come out: the budget notes nothing.
	peeks bool
}

// allows asks the budget.
func (f *labelLimits) allows(x labels.Label) bool {
	if f.peeks {
		return f.budget.would(x.Name, x.Value)
	}
	return f.budget.allows(x.Name, x.Value)
}

// fit makes a sorted label set fit, and returns encoded pairs of structured
// metadata with what had to leave it. dynamic tells which labels a record
// chooses: only those have a budget. set is changed in place.
func (f *labelLimits) fit(set []labels.Label, dynamic func(name string) bool, changes *reasons.Sums[change]) (fitting []labels.Label, moved []byte) {
	if f == nil {
		return set, nil
	}
	l := f.limits
	fitting = set[:0]
	move := func(why change, x labels.Label) {
		moved = appendPair(moved, x.Name, x.Value)
		changes.Add(why, 1, reasons.Example{Labels: x.Name})
	}
	for _, x := range set {
		switch {
		case len(x.Value) == 0:
			continue // which is no label
		case l.labelName > 0 && len(x.Name) > l.labelName:
			move(labelsMoved, x)
			continue
		case l.cardinality > 0 && dynamic(x.Name) && !f.allows(x):
			move(labelDemoted, x)
			if l.onCardinality != toOverflow {
				continue
			}
			x.Value = []byte(overflowValue)
		}
		if l.labelNames > 0 && len(fitting) == l.labelNames {
			move(labelsMoved, x)
			continue
		}
		if l.labelValue > 0 && len(x.Value) > l.labelValue {
			move(labelCut, x)
			x.Value = shorten(x.Value, l.labelValue)
		}
		fitting = append(fitting, x)
	}
	return fitting, moved
}

func shorten(value []byte, size int) []byte {
	if size < len(valueMark) {
		return cutText(value, size)
	}
	return slices.Concat(cutText(value, size-len(valueMark)), []byte(valueMark))
}
