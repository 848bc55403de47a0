package harness

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// LabelSet writes labels as Loki does, sorted by name: {level="info", service="a"}.
func LabelSet(labels map[string]string) string {
	parts := make([]string, 0, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, name+"="+strconv.Quote(labels[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
