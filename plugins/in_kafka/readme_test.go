package inkafka

import (
	"os"
	"strings"
	"testing"
)

// The README's examples are what comes out.
func TestReadmeExamples(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## What a record looks like\n")
	rows := 0
	for line := range strings.Lines(section) {
		cells := strings.Split(line, " | ")
		if len(cells) != 2 || !strings.HasPrefix(cells[1], "`{") {
			continue
		}
		rows++
		option, want := strings.Trim(cells[0], "| `"), strings.Trim(cells[1], "| `\n")
		options := map[string]string{}
		if name, value, ok := strings.Cut(option, " "); ok {
			options[name] = value
		}
		m := message(`{"time":"2026-11-20T10:00:00Z","level":"info"}`)
		m.Topic, m.Partition, m.Offset, m.Key = "orders", 3, 42, []byte("u-17")
		if got, _ := encode(t, encoderOf(t, options), m); !strings.HasSuffix(got, " "+want) {
			t.Errorf("%s:\n got %s\nwant %s", option, got, want)
		}
	}
	if rows != 5 {
		t.Errorf("%d examples", rows)
	}
}
