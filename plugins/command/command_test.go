package command

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what the program prints into testdata")

// result is what a run came to.
type result struct {
	code      int
	out, errs string
}

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// runIn runs the program in testdata, at noon, with LOKI_URL set.
func runIn(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	t.Chdir("testdata")
	defer t.Chdir("..")
	var out, errs strings.Builder
	c := &command{version: "1.2.3", in: strings.NewReader(stdin), out: &out, errs: &errs, now: func() time.Time { return noon }, lookup: func(name string) (string, bool) {
		return "http://127.0.0.1:1", name == "LOKI_URL"
	}}
	code := c.run(args)
	return result{code, out.String(), errs.String()}
}

// What is printed, to the letter. go test -update writes it anew.
func TestGolden(t *testing.T) {
	records, err := os.ReadFile("testdata/records.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	got := runIn(t, string(records), "inspect", "-c", "fluent-bit.conf")
	text := fmt.Sprintf("%s\n--- standard error, then %d\n%s", got.out, got.code, got.errs)
	golden := filepath.Join("testdata", "inspect.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	if _, err := os.Stat("testdata/dead.jsonl"); err == nil {
		t.Error("a file of dead letters was made")
	}
}

// write makes a file of testdata for the time of a test.
func write(t *testing.T, text string) (file string) {
	t.Helper()
	f, err := os.CreateTemp("testdata", "*.conf")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(f.Name()) })
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return filepath.Base(f.Name())
}

func TestWrongUse(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		got := runIn(t, "{}", args...)
		if got.code != exitUsage || got.errs != "tidegate: "+want+"\n" || got.out != "" {
			t.Errorf("%q: got %d, %s, want %s", args, got.code, got.errs, want)
		}
	}
	f(`there is no command "look": see tidegate --help`, "look")
	f("inspect: -c FILE is missing: Fluent Bit's configuration: see tidegate --help", "inspect")
	f("inspect: flag provided but not defined: -x: see tidegate --help", "inspect", "-x")
	f(`inspect: "more" is no option: see tidegate --help`, "inspect", "-c", "a", "more")
	f(`inspect: invalid value "x" for flag -n: parse error: see tidegate --help`, "inspect", "-n", "x")
	f("inspect: -n must be a number of records: see tidegate --help", "inspect", "-c", "a", "-n", "-1")
	f("reading the configuration: lstat none.conf: no such file or directory", "inspect", "-c", "none.conf")
	f(`fluent-bit.conf has no output tidegate_loki "x": there is pods, tidegate_loki.1`, "inspect", "-c", "fluent-bit.conf", "-o", "x")
	f(`fluent-bit.conf: no output takes the tag "other": pods has match kube.*`, "inspect", "-c", "fluent-bit.conf", "-t", "other", "-o", "pods")
	none := write(t, "[OUTPUT]\n    name stdout\n")
	f(none+" has no output tidegate_loki", "inspect", "-c", none)
	regex := write(t, "[OUTPUT]\n    name tidegate_loki\n    match_regex kube\n    url http://loki\n")
	f(regex+": tidegate_loki.0 has match_regex: give a tag with -t", "inspect", "-c", regex)
	wrong := write(t, "[OUTPUT]\n    name tidegate_loki\n    labels a=1,b=\n    labelz x\n    labels c=d\n    line_format xml\n    http_passwd secret\n    Retry_Limit 5\n"+
		"[OUTPUT]\n    name tidegate_loki\n    alias two\n    url loki\n")
	f(wrong+`: tidegate_loki.0: invalid configuration: labelz is no option of tidegate_loki; labels is given twice; url is required: URL, such as "http://loki:3100"; `+
		`line_format "xml" must be one of json, logfmt, raw, template; http_user is required with http_passwd`+"\n"+
		wrong+`: two: invalid configuration: url must start with http:// or https://, such as http://loki:3100`, "inspect", "-c", wrong)
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"help"}, {"inspect", "-h"}, {"inspect", "--help"}} {
		if got := runIn(t, "", args...); got.code != exitOK || got.out != help || got.errs != "" {
			t.Errorf("%q: got %+v", args, got)
		}
	}
	if got := runIn(t, ""); got.code != exitUsage || got.errs != help {
		t.Errorf("got %+v", got)
	}
	if got := runIn(t, "", "--version"); got.code != exitOK || got.out != "tidegate 1.2.3\n" {
		t.Errorf("got %+v", got)
	}
}

// Which outputs are asked, under which tag, and what comes of records.
func TestChoice(t *testing.T) {
	f := func(code int, heads []string, stdin string, args ...string) {
		t.Helper()
		got := runIn(t, stdin, append([]string{"inspect", "-c", "fluent-bit.conf"}, args...)...)
		var found []string
		for line := range strings.Lines(got.out) {
			if strings.HasPrefix(line, "record ") {
				found = append(found, strings.TrimSpace(line))
			}
		}
		if got.code != code || fmt.Sprint(found) != fmt.Sprint(heads) {
			t.Errorf("%q: got %d, %q, want %d, %q\n%s", args, got.code, found, code, heads, got.errs)
		}
	}
	f(exitOK, []string{"record 1, tag kube.inspect, to pods", "record 1, tag inspect, to tidegate_loki.1"}, "{}")
	f(exitOK, []string{"record 1, tag kube.x, to pods", "record 1, tag kube.x, to tidegate_loki.1"}, "{}\n", "-t", "kube.x")
	f(exitOK, []string{"record 1, tag x, to tidegate_loki.1"}, "{}\n", "-t", "x")
	f(exitOK, []string{"record 1, tag kube.inspect, to pods", "record 2, tag kube.inspect, to pods"}, "{}\n{}\n{}\n", "-o", "pods", "-n", "2")
	f(exitRecords, []string{"record 1, tag inspect, to tidegate_loki.1"}, "[]\n{}\n", "-o", "tidegate_loki.1")
	f(exitOK, nil, "\n \n")
	f(exitRecords, []string{"record 1, tag kube.inspect, to pods"}, `{"kubernetes":{"namespace_name":"no tenant"}}`, "-o", "pods")
}
