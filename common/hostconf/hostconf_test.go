package hostconf

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree writes files and returns their folder.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "DIR", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func outside(name string) (string, bool) {
	value, is := map[string]string{"HOME": "/root", "EMPTY": "", "URL": "http://loki"}[name]
	return value, is
}

// read reads the first of files, and writes what came out or what is wrong.
func read(t *testing.T, first string, files map[string]string) string {
	t.Helper()
	dir := tree(t, files)
	c, err := Read(filepath.Join(dir, first), outside)
	if err != nil {
		return "error: " + strings.ReplaceAll(err.Error(), dir+"/", "")
	}
	var b strings.Builder
	for _, list := range []struct {
		kind string
		all  []*Section
	}{{"in", c.Inputs}, {"filter", c.Filters}, {"out", c.Outputs}} {
		for _, s := range list.all {
			b.WriteString(list.kind)
			for _, x := range s.Settings {
				fmt.Fprintf(&b, " %s=%s;", x.Key, x.Value)
			}
			if s.Processors {
				b.WriteString(" processors")
			}
			if len(s.Unset) > 0 {
				fmt.Fprint(&b, " unset ", s.Unset)
			}
			b.WriteString("\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func TestClassic(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := read(t, "a.conf", map[string]string{"a.conf": text}); got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
	f("", "")
	f("# comment\n[SERVICE]\n    Flush 1\n\n[INPUT]\n    Name dummy\r\n[Filter]\n    name grep\n[output]\n    Name  loki \n    # not this\n    MATCH  a b  \n    #nor this\n",
		"in name=dummy;\nfilter name=grep;\nout name=loki; match=a b;")
	f("[OUTPUT]\n\tName x\n\tLabels a=${URL},b=${EMPTY:-none},c=${NOT},d=${NOT:-$TAG}\n", "out name=x; labels=a=http://loki,b=none,c=,d=$TAG; unset [NOT]")
	f("@SET A=1 2\n@set B=${A}\n@OTHER x\n[OUTPUT]\n  name ${A}/${B}/${HOME}\n@SET HOME=mine\n", "out name=1 2/${A}/mine;")
	f("[OUTPUT]\n    name a\n        deeper b\n", "out name=a; deeper=b;")
	f("[OUTPUT]\n    name a\n    [PROCESSORS] x\n        deeper b\n    after c\n", "out name=a; after=c;")
	f("[OUTPUT]\nname a\n", "error: a.conf:2: a setting stands further right than its section")
	f("[OUTPUT]\n    name a\n  match b\n", "error: a.conf:3: a setting must be indented as the first one is")
	f("[OUTPUT]\n    name a\n      match b\n", "error: a.conf:3: a setting must be indented as the first one is")
	f("[OUTPUT]\n    name\n", `error: a.conf:2: "name" has no value: it comes behind a space`)
	f("[OUTPUT]\n    name\tloki\n", `error: a.conf:2: "name\tloki" has no value: it comes behind a space`)
	f("[OUTPUT]\n    name \n", `error: a.conf:2: "name " has no value: it comes behind a space`)
	f("    name x\n", `error: a.conf:1: "name x" is in no section`)
	f("[OUTPUT\n    name x\n", "error: a.conf:1: the name of a section stands between [ and ]")
	f("@SET x\n", "")
	f("@SETx\n", "error: a.conf:1: a command has a value, as in @SET name=value")
}

func TestYAML(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := read(t, "a.yaml", map[string]string{"a.yaml": text}); got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
	f("", "")
	f("service:\n  flush: 0.5\nparsers:\n  - name: x\npipeline:\n  inputs:\n    - name: dummy\n      tag: t\n      processors: {logs: [{name: x}]}\n  filters:\n    - {name: grep}\n  outputs:\n    - Name: loki\n      Match: '*'\n",
		"in name=dummy; tag=t; processors\nfilter name=grep;\nout match=*; name=loki;")
	// Text stays as it is written, whatever YAML makes of it.
	f("pipeline:\n  outputs:\n    - name: x\n      inspect: on\n      n: 0x1F\n      f: 1.50\n      s: \"a: b\"\n      folded: >-\n        a,\n        b\n",
		"out f=1.50; folded=a, b; inspect=on; n=0x1F; name=x; s=a: b;")
	f("pipeline:\n  outputs:\n    - {name: x, labelKeys: a, Retry_Limit: 5, Batchsize: 1, list: [a, b]}\n", "out batchsize=1; label_keys=a; list=a; list=b; name=x; retry_limit=5;")
	f("env:\n  A: 1\n  HOME: mine\npipeline:\n  outputs:\n    - name: ${A}/${HOME}/${URL}/${NOT}\n", "out name=1/mine/http://loki/; unset [NOT]")
	f("env:\n  - name: A\n    value: 1\npipeline: {outputs: [{name: \"${A}\"}]}", "out name=1;")
	f("pipeline: {outputs: [x]}", "error: a.yaml: pipeline.outputs: each element must be a map with a name")
	f("a: [b", "error: a.yaml: yaml: line 1: did not find expected ',' or ']'")
	f("pipeline:\n  outputs:\n    - name: x\n      name: y\n", `error: a.yaml: line 4: key "name" already set in map`)
}

func TestIncludes(t *testing.T) {
	f := func(want, first string, files map[string]string) {
		t.Helper()
		if got := read(t, first, files); got != want {
			t.Errorf("%v\n got %s\nwant %s", files, got, want)
		}
	}
	out := func(name string) string { return "[OUTPUT]\n    name " + name + "\n" }
	f("out name=a; match=x;\nout name=b;", "a.conf", map[string]string{"a.conf": out("a") + "@INCLUDE d/b.conf\n    match x\n", "d/b.conf": out("b")})
	f("out name=1;\nout name=2;", "a.conf", map[string]string{"a.conf": "@include d/*.conf\n", "d/1.conf": out("1"), "d/2.conf": out("2"), "d/3.txt": out("3")})
	// All that is included is relative to the first file's folder.
	f("out name=c;", "a.conf", map[string]string{"a.conf": "@INCLUDE d/b.conf\n", "d/b.conf": "@INCLUDE d/c.conf\n", "d/c.conf": out("c")})
	f("out name=c;", "a.conf", map[string]string{"a.conf": "@INCLUDE DIR/d/c.conf\n", "d/c.conf": out("c")})
	f("out name=1/two;", "a.conf", map[string]string{"a.conf": "@INCLUDE b.conf\n@SET A=1\n[OUTPUT]\n    name ${A}/${B}\n", "b.conf": "@SET B=file://DIR/value\n", "value": "two\n"})
	f("error: a.conf:1: including d/*.conf: there is no such file", "a.conf", map[string]string{"a.conf": "@INCLUDE d/*.conf\n"})
	f("error: a.conf:1: reading the configuration: lstat no.conf: no such file or directory", "a.conf", map[string]string{"a.conf": "@INCLUDE no.conf\n"})
	f("error: a.conf:1: b.conf:1: a.conf is included twice", "a.conf", map[string]string{"a.conf": "@INCLUDE b.conf\n", "b.conf": "@INCLUDE a.conf\n"})
	f("error: a.conf:1: reading the variable B: none is empty", "a.conf", map[string]string{"a.conf": "@SET B=file://DIR/none\n", "none": "\n"})

	f("out name=b;\nout name=c;\nout name=1a;", "a.yaml", map[string]string{
		"a.yaml":   "includes: [d/b.yaml]\npipeline: {outputs: [{name: \"${N}a\"}]}\n",
		"d/b.yaml": "includes: ['e/*.yaml']\nenv: {N: 1}\npipeline: {outputs: [{name: c}]}\n", "d/e/c.yaml": "pipeline: {outputs: [{name: b}]}\n",
	})
	f("out name=s;", "a.yaml", map[string]string{"a.yaml": "env: [{name: N, uri: 'file://DIR/secret'}]\npipeline: {outputs: [{name: \"${N}\"}]}\n", "secret": "s\n"})
	f("error: a.yaml: a.yaml is included twice", "a.yaml", map[string]string{"a.yaml": "includes: [a.yaml]\n"})
	f("error: a.yaml: reading the configuration: lstat no.yaml: no such file or directory", "a.yaml", map[string]string{"a.yaml": "includes: [no.yaml]\n"})
}

// The odd ones are what flb_env_var_translate gives.
func TestExpand(t *testing.T) {
	e := environment{lookup: outside, set: map[string]string{"A": "1", "SET": ""}}
	for value, want := range map[string]string{
		"": "", "text": "text", "$A": "$A", "${A}": "1", "x${A}y${A}z": "x1y1z", "${}": "${}", "${A": "${A",
		"${EMPTY}": "", "${SET}": "", "${SET:-d}": "d", "${A:-d}": "1", "${NO:-}": "", "${NO:-a:-b}": "a:-b", "${A:x}": "",
		"}${A}": "}${A}", "${A}x}y${A}": "1y${A}", "x${A}y${A": "x1", "${NO:-$k['a']}": "$k['a']",
	} {
		if got := e.expand(value); got != want {
			t.Errorf("%s: got %q, want %q", value, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, tag string
		want         bool
	}{
		{"*", "a", true}, {"*", "", true}, {"a", "a", true}, {"a", "ab", false}, {"ab", "a", false}, {"a*", "a", true}, {"a*", "abc", true},
		{"*c", "abc", true}, {"*c", "abcd", false}, {"a*c", "abcbc", true}, {"a**c", "ac", true}, {"kafka.*", "kafka", false}, {"", "", true}, {"", "a", false},
		{"*.a.*", "x.a.a.y", true}, {"a*b*c", "a-b-b-d", false}, {"A", "a", false},
	} {
		if got := Match(c.pattern, c.tag); got != c.want {
			t.Errorf("%q of %q: %v", c.pattern, c.tag, got)
		}
	}
	for _, c := range []struct {
		settings []Setting
		tag      string
		want     bool
	}{
		{nil, "a", true}, {[]Setting{{"match_regex", "a|b"}}, "bc", true}, {[]Setting{{"match_regex", "b"}}, "ab", false}, {[]Setting{{"match_regex", "x*"}}, "a", false},
		{[]Setting{{"match_regex", "/B.$/i"}}, "bc", true}, {[]Setting{{"match_regex", "x"}, {"match", "a*"}}, "ab", true},
	} {
		s := Section{Settings: c.settings}
		if got, err := s.Taken(c.tag); err != nil || got != c.want {
			t.Errorf("%v of %q: %v, %v", c.settings, c.tag, got, err)
		}
	}
	if _, err := (&Section{Settings: []Setting{{"match_regex", "(?<!a)b"}}}).Taken("b"); err == nil {
		t.Error("a look-behind was read")
	}
}

// The ready configurations say the same in both forms.
func TestReadyConfigurations(t *testing.T) {
	files, err := filepath.Glob("../../conf/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	set := func(string) (string, bool) { return "set", true }
	for _, file := range files {
		var forms [2]string
		for i, path := range []string{file, strings.TrimSuffix(file, ".yaml") + ".conf"} {
			c, err := Read(path, set)
			if err != nil {
				t.Fatal(err)
			}
			for _, all := range [][]*Section{c.Inputs, c.Filters, c.Outputs} {
				for _, s := range all {
					settings := map[string]string{}
					for _, x := range s.Settings {
						settings[x.Key] = x.Value
					}
					forms[i] += fmt.Sprintln(settings)
				}
			}
		}
		if forms[0] != forms[1] || !strings.Contains(forms[0], "set") {
			t.Errorf("%s:\n%s\n%s", file, forms[0], forms[1])
		}
	}
}

// No file breaks the reader.
func FuzzRead(f *testing.F) {
	f.Add("[OUTPUT]\n    name ${A}\n        x y\n@SET A=1\n", false)
	f.Add("pipeline:\n  outputs:\n    - {name: x, a: &b [1, {}], c: *b}\nenv: {A: 1}\n", true)
	f.Fuzz(func(t *testing.T, text string, yaml bool) {
		if strings.Contains(strings.ToLower(text), "include") || strings.Contains(text, "file:") || strings.Contains(strings.ToLower(text), "uri") {
			return // other files are not what is tried
		}
		l := &loader{env: environment{lookup: outside, set: map[string]string{}}}
		var err error
		if yaml {
			err = l.yamlText("a.yaml", text)
		} else {
			err = l.classicText("a.conf", text)
		}
		if err != nil && strings.ContainsRune(err.Error(), '\n') && !strings.ContainsRune(text, '\n') {
			t.Errorf("the error has several lines: %v", err)
		}
		for _, s := range l.Outputs {
			for _, x := range s.Settings {
				if value := l.env.expand(x.Value); len(value) > (len(text)+1)*(len(text)+10) {
					t.Errorf("%d bytes became %d", len(x.Value), len(value))
				}
			}
			_, _ = s.Taken("a.b") // which is to end, and not to break
		}
	})
}
