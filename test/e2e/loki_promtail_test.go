package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// promtailExample is an example of the page for those who come from Promtail.
type promtailExample struct {
	heading         string
	parsers, config string
	in, out         []string
}

var (
	pageBlock   = regexp.MustCompile("(?s)(?:^|\n)(?:## ([^\n]+)\n|```(ini|text)\n(.*?)```\n)")
	sectionHead = "[PARSER]"
)

// promtailExamples reads the page: a block of text ends an example.
func promtailExamples(t *testing.T) (all []promtailExample) {
	t.Helper()
	page, err := os.ReadFile("../../plugins/out_loki/FROM_PROMTAIL.md")
	if err != nil {
		t.Fatal(err)
	}
	var e promtailExample
	for _, m := range pageBlock.FindAllStringSubmatch(strings.ReplaceAll(string(page), "\n\n", "\n\n\n"), -1) {
		heading, kind, text := m[1], m[2], strings.ReplaceAll(m[3], "\n\n\n", "\n\n")
		switch {
		case heading != "":
			e = promtailExample{heading: heading}
		case kind == "ini" && strings.HasPrefix(text, sectionHead):
			e.parsers = text
		case kind == "ini":
			e.config = text
		default:
			for _, line := range strings.Split(text, "\n") {
				switch kind, rest, _ := strings.Cut(line, " "); kind {
				case "in":
					e.in = append(e.in, strings.TrimSpace(rest))
				case "out":
					e.out = append(e.out, strings.TrimSpace(rest))
				}
			}
			all = append(all, e)
			e.parsers, e.in, e.out = "", nil, nil
		}
	}
	return all
}

// The examples of the page do what it says, on a real Fluent Bit and a real Loki.
func TestLokiFromPromtail(t *testing.T) {
	_, l := servers(t)
	examples := promtailExamples(t)
	if len(examples) < 10 {
		t.Fatalf("only %d examples were found", len(examples))
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("the examples use Fluent Bit's own filters")
		}
		for _, e := range examples {
			t.Run(strings.ReplaceAll(e.heading, " ", "-"), func(t *testing.T) { e.run(t, host, l) })
		}
	})
}

func (e promtailExample) run(t *testing.T, host harness.HostBinary, l *harness.Loki) {
	job, dir := uniqueName(t), t.TempDir()
	file, parsers := filepath.Join(dir, "app.log"), filepath.Join(dir, "parsers.conf")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file, strings.Join(e.in, "\n")+"\n")
	write(parsers, e.parsers)
	config := strings.NewReplacer("http://loki:3100", l.URL, "job=app", "job="+job).Replace(e.config)
	from := time.Now().Add(-time.Minute)
	h := harness.StartHost(t, host, harness.HostConfig{
		Pipeline: fmt.Sprintf("[INPUT]\n    Name tail\n    Tag app\n    Path %s\n    Read_from_Head on\n%s", file, config),
		Service:  map[string]string{"parsers_file": parsers},
	})
	harness.Eventually(t, 30*time.Second, "what the page promises", func() error {
		stored, err := l.Lines(fmt.Sprintf("{job=%q}", job), from, time.Now().Add(time.Minute))
		if err != nil {
			return err
		}
		var got []string
		for _, s := range stored {
			// What Loki adds.
			delete(s.Labels, "service_name")
			delete(s.Metadata, "detected_level")
			s.Labels["job"] = "app"
			line := harness.LabelSet(s.Labels) + " " + s.Line
			if len(s.Metadata) > 0 {
				line += " " + harness.LabelSet(s.Metadata)
			}
			got = append(got, line)
		}
		slices.Sort(got)
		if want := slices.Sorted(slices.Values(e.out)); !slices.Equal(got, want) {
			return fmt.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		return nil
	})
	stop(t, h)
}
