package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// canonical rewrites JSON with sorted keys and equal numbers alike. Integers keep every
// digit: a number that went through a float on its way is not the same.
func canonical(t *testing.T, text string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("reading %q as JSON: %v", text, err)
	}
	b, err := json.Marshal(normal(v))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func normal(v any) any {
	switch v := v.(type) {
	case json.Number:
		if _, err := v.Int64(); err == nil {
			return v
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = normal(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = normal(v[k])
		}
	}
	return v
}
