package outloki

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

// TestFromPromtail runs the examples of FROM_PROMTAIL.md that are an output alone.
// The others need Fluent Bit's own filters, and are run there.
func TestFromPromtail(t *testing.T) {
	text, err := os.ReadFile("FROM_PROMTAIL.md")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, part := range strings.Split(string(text), "```ini\n")[1:] {
		config, rest, _ := strings.Cut(part, "```\n")
		_, rest, hasLines := strings.Cut(rest, "```text\n")
		lines, _, _ := strings.Cut(rest, "```")
		if !strings.HasPrefix(config, "[OUTPUT]\n") || !hasLines {
			continue
		}
		ran++
		runExample(t, config, lines)
	}
	if ran < 7 {
		t.Errorf("only %d examples were found", ran)
	}
}

func runExample(t *testing.T, config, lines string) {
	t.Helper()
	var settings []string
	for _, option := range strings.Split(config, "\n")[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(option), " ")
		if !slices.Contains([]string{"Name", "Match", "Retry_Limit", "url", ""}, name) {
			settings = append(settings, name+"="+strings.TrimSpace(value))
		}
	}
	var data []byte
	var want, got []string
	for _, line := range strings.Split(lines, "\n") {
		switch kind, text, _ := strings.Cut(line, " "); kind {
		case "in":
			record := chunk.AppendEventHeader(nil, uint32(1000+len(data)), 0)
			record = chunk.AppendMapHeader(chunk.AppendMapHeader(record, 0), 1)
			data = append(data, chunk.AppendString(chunk.AppendString(record, "log"), strings.TrimSpace(text))...)
		case "out":
			want = append(want, strings.TrimSpace(text))
		}
	}
	for _, push := range flushed(t, "app", data, settings...) {
		for _, s := range push {
			for _, l := range s.lines {
				got = append(got, strings.TrimSpace(s.labels+" "+l.text+" "+metadataSet(l.metadata)))
			}
		}
	}
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("%s\n got %s\nwant %s", config, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// metadataSet writes name=value; pairs as a label set.
func metadataSet(text string) string {
	if text == "" {
		return ""
	}
	var pairs []string
	for _, pair := range strings.Split(strings.TrimSuffix(text, ";"), ";") {
		name, value, _ := strings.Cut(pair, "=")
		pairs = append(pairs, name+`="`+value+`"`)
	}
	slices.Sort(pairs)
	return "{" + strings.Join(pairs, ", ") + "}"
}
