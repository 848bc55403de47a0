package outloki

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/options"
)

func TestDefaults(t *testing.T) {
	c := NewConfig()
	if err := parse(c, "url=http://loki:3100"); err != nil {
		t.Fatal(err)
	}
	const want = "url=http://loki:3100/loki/api/v1/push line_format=json batch_size=1Mi timeout=10s"
	if got := c.Options().Effective(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestEveryExampleParses(t *testing.T) {
	c := NewConfig()
	var settings []string
	for _, o := range c.Options() {
		if o.Help == "" || o.Example == "" || options.Reserved(o.Name) {
			t.Errorf("%s: help %q, example %q, reserved %v", o.Name, o.Help, o.Example, options.Reserved(o.Name))
		}
		settings = append(settings, o.Name+"="+o.Example)
	}
	if err := parse(c, settings...); err != nil {
		t.Error(err)
	}
}

func TestWrongOptionsAreNamed(t *testing.T) {
	f := func(want string, settings ...string) {
		t.Helper()
		if !strings.HasPrefix(settings[0], "url=") {
			settings = append(settings, "url=http://loki:3100")
		}
		err := parse(NewConfig(), settings...)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", settings, err, want)
		}
	}
	f(`url is required: URL, such as "http://loki:3100"`, "url=")
	f("url must start with http:// or https://, such as http://loki:3100", "url=loki:3100")
	f("url must start with http:// or https://, such as http://loki:3100", "url=htp://me:hunter2@loki:3100")
	f("url cannot be read as a URL: must be such as http://loki:3100; special characters in a password must be percent-encoded", "url=http://me:hun%ter2@loki:3100")
	f(`url "http://me:xxxxx@loki/push?a=b" must end with its path: no ? and no #`, "url=http://me:hunter2@loki/push?a=b")
	f(`url "http://:3100" must name a host, such as http://loki:3100`, "url=http://:3100")
	f(`tenant_id "a b" must have only letters, digits and ! - _ . * ' ( ), and has ' '`, "tenant_id=a b")
	f(`tenant_id ".." must have at most 150 characters and be neither . nor .. itself`, "tenant_id=..")
	f(`labels "a" has element "a", which must be name=value, name=$path or $path`, "labels=a")
	f(`labels "a=1,,b=2" has element "", which must be name=value, name=$path or $path`, "labels=a=1,,b=2")
	f(`labels "a=" has element "a=", which must have a value after the =`, "labels=a=")
	f(`labels "a.b=x" has element "a.b=x", which must have only letters, digits and _ in a label's name and not start with a digit, such as a_b`, "labels=a.b=x")
	f(`labels "a=$x.y" has element "a=$x.y", which is no path: column 3: a dot does not go deeper: write $a['b'] for b inside of a, or $['a.b'] for a key with a dot`, "labels=a=$x.y")
	f(`label_keys "$a[" has element "$a[", which is no path: column 4: in brackets comes a quoted key or a number, as in ['key'] or [0]`, "label_keys=$a[")
	f(`label_keys ",a" has element "", which must be a key or a path such as $key['nested']`, "label_keys=,a")
	f(`labels and label_keys: label a_b is set twice, by a_b=x and by a.b: give one of them another name, as in other_name=$key`, "labels=a_b=x", "label_keys=a.b")
	f(`remove_keys "$a['b']" has element "$a['b']", which is below the top level: only whole top-level keys can be removed, such as a`, "remove_keys=$a['b']")
	f(`remove_keys "$TAG" has element "$TAG", which is not in the record: only its keys can be removed`, "remove_keys=$TAG")
	f(`line_format "raw" must be one of json`, "line_format=raw")
	f(`batch_size "4Mi" must be a size from 1Ki to 3584Ki, such as 512Ki or 1M`, "batch_size=4Mi")
	f(`timeout "0" must be a duration from 100ms to 10m0s, such as 500ms or 10s`, "timeout=0")
	f(`batch_size "x" must be a size from 1Ki to 3584Ki, such as 512Ki or 1M; timeout "x" must be a duration from 100ms to 10m0s, such as 500ms or 10s; url must start with http:// or https://, such as http://loki:3100`,
		"url=x", "batch_size=x", "timeout=x")
}

func TestURL(t *testing.T) {
	f := func(text, wantURL, wantPrinted string) {
		t.Helper()
		e := endpointRule.Parse(text)
		if e.Err != nil || e.URL.String() != wantURL || e.String() != wantPrinted {
			t.Errorf("%s: got %s, printed %s, %v", text, e.URL, e, e.Err)
		}
	}
	f("http://loki:3100", "http://loki:3100/loki/api/v1/push", "http://loki:3100/loki/api/v1/push")
	f("https://loki/", "https://loki/loki/api/v1/push", "https://loki/loki/api/v1/push")
	f("https://gateway/logs", "https://gateway/logs", "https://gateway/logs")
	f("http://me:hunter2@loki", "http://loki/loki/api/v1/push", "http://me:xxxxx@loki/loki/api/v1/push")
}

func TestSplitList(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		if got := splitList(text); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s: got %q", text, got)
		}
	}
	f("a", "a")
	f("a, b ,c", "a", "b", "c")
	f("$a['x,y'],b", "$a['x,y']", "b")
	f(`$a["x,y"]['it''s, so'],b`, `$a["x,y"]['it''s, so']`, "b")
	f("it's=x,b", "it's=x", "b")
	f("$a[,b", "$a[", "b")
	f("", "")
	f("a,", "a", "")
}

func FuzzOptions(f *testing.F) {
	f.Add("http://loki:3100", "a=$b['c'],$d", "e,$f", "g")
	f.Add("http://me:hunter2@loki", "a=b", "a", "$a['b']")
	f.Fuzz(func(t *testing.T, url, labels, labelKeys, removeKeys string) {
		c := NewConfig()
		err := parse(c, "url="+url, "labels="+labels, "label_keys="+labelKeys, "remove_keys="+removeKeys)
		if err != nil {
			return
		}
		if _, err := newPlan(c.labels.list, c.labelKeys.list); err != nil {
			t.Errorf("accepted options do not make a plan: %v", err)
		}
	})
}
