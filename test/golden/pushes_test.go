package golden_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grafana/loki/pkg/push"
	"github.com/klauspost/compress/snappy"

	"github.com/tidegate/tidegate/test/harness"
)

// goldenPushes is where out_loki keeps what it makes of the golden chunks.
const goldenPushes = "../../plugins/out_loki/testdata"

// The golden pushes are what Loki's own types read in the bytes that out_loki sends, and
// those types write the same bytes again: what its tests expect is not only what its own decoder
// makes of its own encoder. Each has the times that the chunk's description tells, which is
// by a decoder of this package.
func TestPushesAsLokiReadsThem(t *testing.T) {
	dir := t.TempDir()
	text, err := harness.BuildPackageTests(t, "plugins/out_loki", "^TestGolden$").Run(t.Context(), map[string]string{"GOLDEN_PUSHES": dir})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	files, err := filepath.Glob(goldenPushes + "/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d golden pushes, %v", len(files), err)
	}
	seen := 0
	for _, file := range files {
		golden, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, want, _ := strings.Cut(string(golden), "\n\n")
		pushes, err := filepath.Glob(filepath.Join(dir, strings.TrimSuffix(filepath.Base(file), ".txt")+"-[0-9][0-9][0-9].*.snappy"))
		if err != nil {
			t.Fatal(err)
		}
		seen += len(pushes)
		var got strings.Builder
		var times []string
		for i, path := range pushes {
			tenant := strings.Split(filepath.Base(path), ".")[1]
			fmt.Fprintf(&got, "push %d, tenant %q\n", i+1, tenant)
			times = append(times, writePush(t, &got, path)...)
		}
		if got.String() != want {
			t.Errorf("%s: Loki reads\n%s\nthe file has\n%s", file, got.String(), want)
		}
		if chunk := timesOf(t, head); !slices.Equal(slices.Sorted(slices.Values(times)), chunk) {
			t.Errorf("%s: times %v, those of the chunk are %v", file, times, chunk)
		}
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != seen {
		t.Errorf("%d pushes were sent, %d are of a golden file: %v", len(all), seen, err)
	}
}

// writePush writes a push in the words of the golden files and returns its entries' times.
func writePush(t *testing.T, b *strings.Builder, path string) (times []string) {
	t.Helper()
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := snappy.Decode(nil, packed)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var request push.PushRequest
	if err := request.Unmarshal(raw); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if again, err := request.Marshal(); err != nil || !bytes.Equal(again, raw) && !wholeSeconds(request) {
		t.Errorf("%s: Loki's own types write it in other bytes: %v\n%q\n%q", path, err, again, raw)
	}
	for _, s := range request.Streams {
		fmt.Fprintf(b, "  %s\n", s.Labels)
		for _, e := range s.Entries {
			fmt.Fprintf(b, "    %s %q\n", e.Timestamp.UTC().Format(time.RFC3339Nano), e.Line)
			var metadata strings.Builder
			for _, pair := range e.StructuredMetadata {
				metadata.WriteString(pair.Name + "=" + pair.Value + ";")
			}
			if metadata.Len() > 0 {
				fmt.Fprintf(b, "      %q\n", metadata.String())
			}
			times = append(times, fmt.Sprintf("%d.%09d", e.Timestamp.Unix(), e.Timestamp.Nanosecond()))
		}
	}
	return times
}

// wholeSeconds reports whether a push has a time without nanoseconds: Loki's types write that
// zero out, which nobody has to.
func wholeSeconds(request push.PushRequest) bool {
	return slices.ContainsFunc(request.Streams, func(s push.Stream) bool {
		return slices.ContainsFunc(s.Entries, func(e push.Entry) bool { return e.Timestamp.Nanosecond() == 0 })
	})
}

var timeLine = regexp.MustCompile(`(?m)^time (\S+)$`)

// timesOf reads those of the chunk that a golden push is about.
func timesOf(t *testing.T, head string) (times []string) {
	t.Helper()
	_, rest, _ := strings.Cut("\n"+head, "\nchunk ")
	name, _, _ := strings.Cut(rest, "\n")
	text, err := os.ReadFile(filepath.Join(goldens, name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range timeLine.FindAllStringSubmatch(string(text), -1) {
		times = append(times, m[1])
	}
	slices.Sort(times)
	return times
}
