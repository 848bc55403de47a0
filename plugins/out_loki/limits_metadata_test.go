package outloki

import (
	"regexp"
	"strings"
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

// A pair that is too large costs no other its place.
func TestLargePairBesideOthers(t *testing.T) {
	long := strings.Repeat("v", 70_000)
	old := time.Now().Add(-30 * 24 * time.Hour)
	f := func(value, want string, settings ...string) {
		t.Helper()
		s, o, _ := oneLimited(t, old, []string{"a", value, "b", "x", "c", "y"}, append(settings, "label_keys=a", "structured_metadata=b=$b,big=$a,c=$c")...)
		got := regexp.MustCompile(originalTime+"=[^;]*").ReplaceAllString(s.lines[0].metadata, originalTime)
		if got != want || o.report.changed.Records(metadataDropped) != 1 {
			t.Errorf("got %.200q of %d bytes, %d changed", got, len(got), o.report.changed.Records(metadataDropped))
		}
	}
	f(long, originalTime+";b=x;c=y;")
	f(strings.Repeat("v", 40_000), "a="+strings.Repeat("v", 40_000)+";"+originalTime+";b=x;c=y;")
	f(long, originalTime+";b=x;", "max_structured_metadata_count=2")
}
