package outloki

import (
	"testing"
	"time"
)

// What the limits move into structured metadata keeps its name: a pair or a key
// of a map that makes the same is left out.
func TestLimitsBesideMetadata(t *testing.T) {
	f := func(wantLabels, wantMetadata string, settings ...string) {
		t.Helper()
		s, _, _ := oneLimited(t, time.Now(), []string{"a", "x", "b", "y", "c", "z"}, append(settings, "label_keys=a,b")...)
		if s.labels != wantLabels || s.lines[0].metadata != wantMetadata {
			t.Errorf("%q: got %s and %s", settings, s.labels, s.lines[0].metadata)
		}
	}
	f(`{a="x", b="y"}`, "b=z;", "structured_metadata=b=$c")
	f(`{a="x"}`, "b=y;", "structured_metadata=b=$c", "max_label_names=1")
	f(`{a="x"}`, "b=y;d=z;", "structured_metadata=d=$c", "max_label_names=1")
	f(`{a="x"}`, "b=y;", "structured_metadata=d=$c", "max_label_names=1", "max_structured_metadata_count=1")
}
