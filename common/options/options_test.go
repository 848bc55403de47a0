package options

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// sample has a value of every kind.
type sample struct {
	text, enum, secret string
	list               []string
	on                 bool
	number             int
	size               int64
	wait               time.Duration
}

func (s *sample) table() Table {
	return Table{
		{Name: "text", Value: Text(&s.text), Required: true, Example: "x"},
		{Name: "enum", Value: Enum(&s.enum, "json", "raw")},
		{Name: "secret", Value: Text(&s.secret, func(text string) error {
			if len(text) < 4 {
				return errors.New("must be longer")
			}
			return nil
		}), Secret: true},
		{Name: "list", Value: List(&s.list)},
		{Name: "on", Value: Bool(&s.on)},
		{Name: "number", Value: Int(&s.number, 1, 10)},
		{Name: "size", Value: Size(&s.size, 1, 1<<30)},
		{Name: "wait", Value: Duration(&s.wait, time.Millisecond, time.Hour)},
	}
}

func from(given map[string]string) Getter {
	return func(name string) (string, bool) {
		text, ok := given[name]
		return text, ok
	}
}

func TestParse(t *testing.T) {
	s := sample{enum: "json", size: 1 << 20}
	table := s.table()
	err := table.Parse(from(map[string]string{
		"text": "  a b ", "enum": "RAW", "secret": "hush!", "list": "a, b ,c", "on": "Yes", "number": "7", "wait": "1500ms", "size": "",
	}))
	if err != nil {
		t.Fatal(err)
	}
	const want = `text="a b" enum=raw secret=<secret> list=a,b,c on=on number=7 size=1Mi wait=1.5s`
	if got := table.Effective(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestParseRefusesAllAtOnce(t *testing.T) {
	var s sample
	err := s.table().Parse(from(map[string]string{
		"enum": "xml", "secret": "abc", "list": "a,,b", "on": "maybe", "number": "11", "size": "-1", "wait": "2h",
	}))
	want := []string{
		`text is required: text, such as "x"`,
		`enum "xml" must be one of json, raw`,
		`secret must be longer`,
		`list "a,,b" must not have an empty element`,
		`on "maybe" must be on or off`,
		`number "11" must be a whole number from 1 to 10`,
		`size "-1" must be a size from 1 to 1Gi, such as 512Ki or 1M`,
		`wait "2h" must be a duration from 1ms to 1h0m0s, such as 500ms or 10s`,
	}
	if got := Problems(err); got != strings.Join(want, "; ") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "; "))
	}
	if strings.Contains(err.Error(), "abc") {
		t.Error("the secret is in the error")
	}
}

func TestAliases(t *testing.T) {
	var keys []string
	table := Table{{Name: "label_keys", Aliases: []string{"labelkeys", "keys"}, Value: List(&keys), Required: true, Example: "a"}}
	f := func(want string, given map[string]string) {
		t.Helper()
		keys = nil
		if got := Problems(table.Parse(from(given))) + table.Effective(); got != want {
			t.Errorf("%v: got %s, want %s", given, got, want)
		}
	}
	f("label_keys=a", map[string]string{"label_keys": "a"})
	f("label_keys=a", map[string]string{"keys": "a", "label_keys": " "})
	f("label_keys is given twice, as labelkeys and as keys", map[string]string{"keys": "a", "labelkeys": "a"})
	f(`label_keys is required: comma-separated list, such as "a"`, map[string]string{"keys": ""})
	f(`label_keys "a,," must not have an empty element`, map[string]string{"labelkeys": "a,,"})
}

func TestSize(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "10b": 10, "1k": 1000, "2KB": 2000, "1Ki": 1024, "3MiB": 3 << 20, "1 M": 1e6, "1g": 1e9,
	} {
		var n int64
		if err := Size(&n, 0, 1<<40).Set(text); err != nil || n != want {
			t.Errorf("%s: %d, %v", text, n, err)
		}
	}
	for _, text := range []string{"", "k", "1x", "1.5M", "-1", "99999999999g", "1kk"} {
		var n int64
		if err := Size(&n, 0, 1<<40).Set(text); err == nil {
			t.Errorf("%s was taken for %d", text, n)
		}
	}
}

// FuzzValues holds that no text breaks a parser, and that what a value prints
// it takes again.
func FuzzValues(f *testing.F) {
	for _, text := range []string{"1", "10Mi", "a,b", "on", "1h", "json", "1e9", "９"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s sample
		for _, o := range s.table() {
			if o.Value.Set(text) != nil {
				continue
			}
			printed := o.Value.String()
			if err := o.Value.Set(printed); err != nil {
				t.Fatalf("%s took %q, printed %q and refused that: %v", o.Name, text, printed, err)
			}
			if again := o.Value.String(); again != printed {
				t.Fatalf("%s printed %q, then %q", o.Name, printed, again)
			}
		}
	})
}

func TestReserved(t *testing.T) {
	for name, want := range map[string]bool{
		"host": true, "Workers": true, "tls.verify": true, "storage.type": true, "brokers": false, "tls_ca_file": false, "hostname": false,
	} {
		if Reserved(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
