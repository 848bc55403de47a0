package accessor_test

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/accessor"
)

// parts writes a template with its paths in <>.
func parts(t accessor.Template) string {
	var b strings.Builder
	for _, p := range t.Parts() {
		if p.Path != nil {
			b.WriteString("<" + p.Path.String() + ">")
		} else {
			b.WriteString(p.Fixed)
		}
	}
	return b.String()
}

func TestTemplate(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		got, err := accessor.ParseTemplate(text)
		if err != nil || parts(got) != want || got.String() != text {
			t.Errorf("%s: got %s, %v; want %s", text, parts(got), err, want)
		}
	}
	f("", "")
	f("text", "text")
	f("$a", "<$a>")
	f("$a$b", "<$a><$b>")
	f("logs.$a.$b['c.d'][0].x", "logs.<$a>.<$b['c.d'][0]>.x")
	f("$TAG/$TAG[1]/$TAGS", "<$TAG>/<$TAG[1]>/<$TAGS>")
	f("$a-b c", "<$a-b> c")
	f("$a/$b-$c/-", "<$a>/<$b>-<$c>/-")
	f("$TAG/x-$TAG-$TAG_", "<$TAG>/x-<$TAG>-<$TAG_>")
	f("$['a']-b", "<$['a']>-b")
	f("$['a']['b']]", "<$['a']['b']>]")
	f("x@metadata['kafka']['topic']y", "x<@metadata['kafka']['topic']>y")
	f("me@example.com", "me@example.com")
	f("@", "@")
	f("$", "$")
	f("$5, $$a, @@metadata['x'], $$$a", "$5, $a, @metadata['x'], $<$a>")
	f("100% $ und ä$ä", "100% $ und ä$ä")
}

func TestWrongTemplates(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got, err := accessor.ParseTemplate(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %s, %v; want %s", text, parts(got), err, want)
		}
	}
	f("a $b[", "column 6: in brackets comes")
	f("a $b['c", "column 6: this quote is never closed")
	f("$a $[0]", "column 5: a path starts with a key")
	f("x @ressource['a']", "column 4: after @ comes metadata")
	f("$TAG['x']", "column 5: $TAG may only be followed by")
}

// FuzzTemplate: a template that is taken is the same again when it is written
// from its parts.
func FuzzTemplate(f *testing.F) {
	for _, text := range []string{"logs.$a.$b['c.d'][0].x", "$$a@@b$TAG[1]", "@resource['a']@", "$['']$[\"'\"]", "\xff$a"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := accessor.ParseTemplate(text)
		if err != nil {
			return
		}
		var again strings.Builder
		for i, p := range first.Parts() {
			switch {
			case p.Path != nil:
				again.WriteString(p.Path.String())
			case p.Fixed == "" || i > 0 && first.Parts()[i-1].Path == nil:
				t.Fatalf("%q: part %d is empty or a text behind a text", text, i)
			default:
				again.WriteString(strings.NewReplacer("$", "$$", "@", "@@").Replace(p.Fixed))
			}
		}
		second, err := accessor.ParseTemplate(again.String())
		if err != nil || parts(second) != parts(first) {
			t.Fatalf("%q: %s, then %s, %v", text, parts(first), parts(second), err)
		}
	})
}
