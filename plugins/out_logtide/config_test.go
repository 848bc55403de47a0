package outlogtide

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
)

func TestDefaults(t *testing.T) {
	c := NewConfig()
	if err := parse(c, "url=https://api.logtide.dev", "api_key=lp_1"); err != nil {
		t.Fatal(err)
	}
	const want = "url=https://api.logtide.dev/api/v1/ingest api_key=<secret> batch_size=1000 timeout=10s tls_insecure_skip_verify=off dead_letter_max_size=10Mi dead_letter_max_files=10"
	if got := c.Options().Effective(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestEveryExampleParses(t *testing.T) {
	for _, without := range []string{"api_key", "api_key_file"} {
		c := NewConfig()
		var settings []string
		for _, o := range c.Options() {
			if strings.HasPrefix(o.Name, kafkaconf.Prefix) {
				continue // librdkafka's own, which need no words of ours
			}
			if o.Help == "" || o.Example == "" || options.Reserved(o.Name) {
				t.Errorf("%s: help %q, example %q, reserved %v", o.Name, o.Help, o.Example, options.Reserved(o.Name))
			}
			// The rest of dead letters' options exclude each other, or need one another.
			if o.Name != without && (!slices.Contains(letterOptions, o.Name) || o.Name == "dead_letter_path") {
				settings = append(settings, o.Name+"="+o.Example)
			}
		}
		if err := parse(c, settings...); err != nil {
			t.Error(err)
		}
	}
}

var letterOptions = func() (names []string) {
	c := deadletter.NewConfig()
	for _, o := range c.Options() {
		names = append(names, o.Name)
	}
	return names
}()

func TestWrongOptionsAreNamed(t *testing.T) {
	f := func(want string, settings ...string) {
		t.Helper()
		if !strings.HasPrefix(settings[0], "url=") {
			settings = append(settings, "url=http://logtide")
		}
		if !strings.Contains(strings.Join(settings, " "), "api_key") {
			settings = append(settings, "api_key=lp_1")
		}
		err := parse(NewConfig(), settings...)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", settings, err, want)
		}
	}
	f(`url is required: URL, such as "https://api.logtide.dev"`, "url=")
	f("url must start with http:// or https://, such as https://api.logtide.dev", "url=logtide:3000")
	f(`url "http://me:xxxxx@logtide/x?a=b" must end with its path: no ? and no #`, "url=http://me:hunter2@logtide/x?a=b")
	f(`url "http://logtide/api/v1/ingest/single" must not end in /api/v1/ingest/single, which does not take batches: leave the path out`, "url=http://logtide/api/v1/ingest/single")
	f(`url "http://logtide/api/v1/ingest/batch/" must not end in /api/v1/ingest/batch, which does not take batches: leave the path out`, "url=http://logtide/api/v1/ingest/batch/")
	f("api_key or api_key_file is required: an empty api_key, such as from an environment variable that is not set, counts as none", "api_key=")
	f("api_key and api_key_file are both set: set one of them", "api_key=a", "api_key_file=b")
	f("api_key must have only visible ASCII characters, and no spaces", "api_key=lp_hunter 2")
	f("api_key must have at most 1024 characters", "api_key="+strings.Repeat("x", 1025))
	f(`service "`+strings.Repeat("s", 80)+`…" must have at most 100 characters`, "service="+strings.Repeat("s", 101))
	f(`service "$a.b" is no path: column 3: a dot does not go deeper: write $a['b'] for b inside of a, or $['a.b'] for a key with a dot`, "service=$a.b")
	f(`level "severity" must be a path, such as $key or $key['nested']`, "level=severity")
	f(`message "text" must be a path, such as $key or $key['nested']`, "message=text")
	f(`time "$t[" is no path: column 4: in brackets comes a quoted key or a number, as in ['key'] or [0]`, "time=$t[")
	f(`trace_id "id" must be a path, such as $key or $key['nested']`, "trace_id=id")
	f(`span_id "id" must be a path, such as $key or $key['nested']`, "span_id=id")
	f(`batch_size "0" must be a whole number from 1 to 1000`, "batch_size=0")
	f(`batch_size "1001" must be a whole number from 1 to 1000`, "batch_size=1001")
	f("header must not have X-Api-Key: set api_key or api_key_file", "header=x-api-key=lp_2")
	f("header must not have X-Api-Key: set api_key or api_key_file", "header=X-Cluster=eu-1,X-API-Key=")
	f("tls_cert_file and tls_key_file belong together: set both", "tls_cert_file=a")
	f("no_proxy has no use without a proxy_url that names a proxy", "no_proxy=a")
	f(`timeout "1ms" must be a duration from 100ms to 10m0s, such as 500ms or 10s`, "timeout=1ms")
	f(`url is required: URL, such as "https://api.logtide.dev"; level "l" must be a path, such as $key or $key['nested']; api_key and api_key_file are both set: set one of them`,
		"url=", "level=l", "api_key=a", "api_key_file=b")
}

func TestKeyFiles(t *testing.T) {
	dir := t.TempDir()
	f := func(name, content, want string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if content != "" || name == "empty" {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		c := NewConfig()
		if err := parse(c, "url=http://logtide", "api_key_file="+file); err != nil {
			t.Fatal(err)
		}
		_, err := c.NewOutput(plugin.Host{Log: slog.New(slog.DiscardHandler)})
		got := ""
		if err != nil {
			got = strings.ReplaceAll(err.Error(), dir, "…")
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
	f("good", " lp_1\n", "")
	f("missing", "", "reading api_key_file: open …/missing: no such file or directory")
	f("empty", "", `api_key_file "…/empty" is empty: it must hold the key`)
	f("blank", " \n\n", `api_key_file "…/blank" is empty: it must hold the key`)
	f("two lines", "lp_1\nlp_2\n", `api_key_file "…/two lines" holds no key: it must have only visible ASCII characters, and no spaces`)
	f("long", strings.Repeat("x", 5000), `api_key_file "…/long" holds no key: it must have at most 1024 characters`)
}
