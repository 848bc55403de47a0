package manifests_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// section is one of a configuration in either form: its kind, and its settings as lines of
// "name value", sorted.
type section struct {
	kind     string
	settings []string
}

func (s section) String() string { return s.kind + "\n  " + strings.Join(s.settings, "\n  ") }

// Every ready configuration is there in both forms, and they say the same.
func TestTwins(t *testing.T) {
	dir := filepath.Join(root(t), "conf")
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	pairs := map[string]int{}
	for _, f := range files {
		if name := strings.TrimSuffix(f.Name(), filepath.Ext(f.Name())); name != "plugins" {
			pairs[name]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		t.Run(name, func(t *testing.T) {
			classic := readClassic(t, filepath.Join(dir, name+".conf"))
			modern := readYAML(t, filepath.Join(dir, name+".yaml"))
			for i := range max(len(classic), len(modern)) {
				if i >= len(classic) || i >= len(modern) || classic[i].String() != modern[i].String() {
					t.Errorf("section %d differs:\n%v\n%v", i, classic[min(i, len(classic)-1)], modern[min(i, len(modern)-1)])
				}
			}
		})
	}
}

func readClassic(t *testing.T, path string) (sections []section) {
	t.Helper()
	for line := range strings.Lines(readFile(t, path)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			sections = append(sections, section{kind: strings.ToLower(strings.Trim(line, "[]"))})
		case len(sections) == 0:
			t.Fatalf("%s: %q is in no section", path, line)
		default:
			name, value, _ := strings.Cut(line, " ")
			last := &sections[len(sections)-1]
			last.settings = append(last.settings, name+" "+strings.TrimSpace(value))
		}
	}
	for _, s := range sections {
		slices.Sort(s.settings)
	}
	return sections
}

func readYAML(t *testing.T, path string) []section {
	t.Helper()
	var file struct {
		Service  map[string]any
		Pipeline struct{ Inputs, Filters, Outputs []map[string]any }
	}
	if err := yaml.UnmarshalStrict([]byte(readFile(t, path)), &file); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	sections := []section{sectionOf("service", file.Service)}
	for _, list := range []struct {
		kind     string
		settings []map[string]any
	}{{"input", file.Pipeline.Inputs}, {"filter", file.Pipeline.Filters}, {"output", file.Pipeline.Outputs}} {
		for _, settings := range list.settings {
			sections = append(sections, sectionOf(list.kind, settings))
		}
	}
	return sections
}

func sectionOf(kind string, settings map[string]any) section {
	s := section{kind: kind}
	for name, value := range settings {
		if on, ok := value.(bool); ok { // YAML's own reading of on
			value = map[bool]string{true: "on", false: "off"}[on]
		}
		s.settings = append(s.settings, fmt.Sprint(name, " ", value))
	}
	slices.Sort(s.settings)
	return s
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
