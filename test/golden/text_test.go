package golden_test

import (
	"fmt"
	"strconv"
	"strings"
)

// describe writes a chunk as text: each event's time, metadata and body, and those of its group. A nil metadata is an event
// of format 1.
func describe(events []event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "time %s\n", e.time)
		for _, part := range []struct {
			name string
			t    table
		}{{"metadata", e.metadata}, {"body", e.body}, {"group metadata", e.groupMetadata}, {"group body", e.groupBody}} {
			if part.t != nil {
				fmt.Fprintf(&b, "%s %s\n", part.name, valueText(part.t))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// shape is what must be the same in each capture: describe without the values.
func shape(events []event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "metadata %s\nbody %s\ngroup %s %s\n\n", shapeOf(e.metadata), shapeOf(e.body), shapeOf(e.groupMetadata), shapeOf(e.groupBody))
	}
	return b.String()
}

func valueText(v any) string {
	switch v := v.(type) {
	case table:
		return join("{", "}", len(v), func(i int) string { return valueText(v[i].key) + ": " + valueText(v[i].value) })
	case list:
		return join("[", "]", len(v), func(i int) string { return valueText(v[i]) })
	case string:
		return strconv.Quote(v)
	case []byte:
		return fmt.Sprintf("0x%x", v)
	case float64:
		return floatText(v, 64)
	case float32:
		return floatText(float64(v), 32)
	case ext:
		return fmt.Sprintf("ext(%d, 0x%x)", v.kind, v.data)
	case nil:
		return "null"
	default:
		return fmt.Sprint(v)
	}
}

// floatText marks a float that is whole, so that it is no integer.
func floatText(f float64, bits int) string {
	text := strconv.FormatFloat(f, 'g', -1, bits)
	if !strings.ContainsAny(text, ".eIN") {
		text += ".0"
	}
	return text
}

func shapeOf(v any) string {
	switch v := v.(type) {
	case table:
		if v == nil {
			return "none"
		}
		return join("{", "}", len(v), func(i int) string { return valueText(v[i].key) + ": " + shapeOf(v[i].value) })
	case list:
		return join("[", "]", len(v), func(i int) string { return shapeOf(v[i]) })
	case string:
		return "text"
	case []byte:
		return "binary"
	case int64, uint64:
		return "integer"
	case float32, float64:
		return "float"
	case bool:
		return "bool"
	case nil:
		return "null"
	default:
		return fmt.Sprintf("%T", v)
	}
}

func join(open, end string, n int, element func(i int) string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = element(i)
	}
	return open + strings.Join(parts, ", ") + end
}
