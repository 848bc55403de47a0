package labels

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Merge adds labels whose names are keys of a record, of any letters, to a set
// of valid names, and sorts it.
//
// Keys that make the same name do not overwrite each other, and the result does
// not depend on their order: the key that is a valid name gets it, else the
// first in the order of bytes; the others get _2, _3 and so on put behind. A
// name in set was chosen by the operator, so a key that makes the same is left
// out. Of equal keys the last counts. Labels without a value do not count.
func Merge(set, more []Label) []Label {
	more = lastOfEach(more)
	slices.SortFunc(more, func(a, b Label) int {
		if valid := CheckName(a.Name) == nil; valid != (CheckName(b.Name) == nil) {
			if valid {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	chosen := taken(set)
	all := taken(set)
	suffixes := map[string]int{} // the last that was put behind a name
	for _, l := range more {
		name := Sanitize(l.Name)
		if chosen[name] {
			continue
		}
		for base := name; all[name]; {
			suffixes[base] = max(suffixes[base], 1) + 1
			name = base + "_" + strconv.Itoa(suffixes[base])
		}
		all[name] = true
		set = append(set, Label{Name: name, Value: l.Value})
	}
	Sort(set)
	return set
}

// lastOfEach returns the labels that have a value, the last of each name.
func lastOfEach(set []Label) []Label {
	slices.Reverse(set)
	slices.SortStableFunc(set, func(a, b Label) int { return cmp.Compare(a.Name, b.Name) })
	set = slices.CompactFunc(set, func(a, b Label) bool { return a.Name == b.Name })
	return slices.DeleteFunc(set, func(l Label) bool { return len(l.Value) == 0 })
}

func taken(set []Label) map[string]bool {
	names := make(map[string]bool, len(set))
	for _, l := range set {
		if len(l.Value) > 0 {
			names[l.Name] = true
		}
	}
	return names
}
