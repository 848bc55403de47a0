package outloki

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/labels"
)

func labelMapFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "labels.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLabelMap(t *testing.T) {
	const text = `{"f":"f","n":{"a.b":"ab","list":"list","none":"none","deep":{"it's":"x"}},"absent":{"a":"z"}}`
	record := chunkOf(`{"f":12,"n":{"a.b":"one","list":[1],"deep":{"it's":true}}}`)
	got := flushed(t, "", record, "label_map_path="+labelMapFile(t, text), "label_keys=absent")[0][0].labels
	if want := `{ab="one", f="12", list="[1]", x="true"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWrongLabelMaps(t *testing.T) {
	f := func(want, text string) {
		t.Helper()
		err := parse(NewConfig(), "url=http://loki", "label_map_path="+labelMapFile(t, text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.50s: got %v, want %s", text, err, want)
		}
	}
	f(`must be a file with a JSON object: unexpected end of JSON input`, `{"a":`)
	f(`must be a file with a JSON object`, `["a"]`)
	f(`has at $['a']['b'] neither the name of a label nor an object`, `{"a":{"b":1}}`)
	f(`has at $['a'] the name "a.b", which must have only letters, digits and _ in a label's name and not start with a digit, such as a_b`, `{"a":"a.b"}`)
	f(`label x is set twice, by $['a'] and by $['b']`, `{"b":"x","a":"x"}`)
	f(`must have at most 1048576 bytes`, `{"a":"`+strings.Repeat("x", 1<<20)+`"}`)
	f(`has a key that is too deep`, strings.Repeat(`{"a":`, 40)+`"x"`+strings.Repeat(`}`, 40))
	if err := parse(NewConfig(), "url=http://loki", "label_map_path=/nowhere/at/all"); err == nil || !strings.Contains(err.Error(), "cannot be opened") {
		t.Errorf("a missing file: %v", err)
	}
}

// FuzzLabelMap: no file breaks the start, and what is taken are labels with valid
// names and paths that compile.
func FuzzLabelMap(f *testing.F) {
	for _, text := range []string{`{"a":{"b.c":"d","it's":"e"},"f":"g"}`, `{}`, `{"a":1}`, `{"":"_"}`, `{"a":`, `{"\u0000":{"\ud800":"x"}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := parseLabelMap(text)
		if err != nil {
			return
		}
		for _, b := range list {
			path, err := accessor.Compile(b.text)
			if err != nil || labels.CheckName(b.name) != nil {
				t.Fatalf("%s=%s: %v", b.name, b.text, err)
			}
			want, _ := b.value.Path().Keys()
			if got, _ := path.Keys(); !slices.Equal(got, want) {
				t.Fatalf("%s goes to %q, not %q", b.text, got, want)
			}
		}
	})
}
