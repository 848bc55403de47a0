package abi_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestVersionSaysWhatItIs(t *testing.T) {
	out, err := exec.Command(testhost(), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	if !strings.HasPrefix(text, "tidegate-testhost") || !strings.Contains(text, "not Fluent Bit") || strings.Count(text, "\n") != 1 {
		t.Errorf("version: %q", text)
	}
}

func TestNamesThreadsAndProperties(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), `
@SET topic=from-set
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.2
[INPUT]
    Name   PROBE_in
    Tag    mine
    Host   nowhere
    trace  TRACE
    BROKERS ${topic}/${ABI_SET}/${ABI_UNSET:-fallback}
    rdkafka.debug all
    many   one
    many   two
    ask    brokers,host,tag,name,rdkafka.debug,many,answers,blocks
    blocks ${ABI_UNSET}
[INPUT]
    Name  probe_in
    Alias second
    trace TRACE
[OUTPUT]
    Name  null
    Match *
[OUTPUT]
    Name  probe_out
    Match *
    Workers 1
    Retry_Limit 3
    tls.ca_file x
    net.keepalive off
    trace TRACE
    ask   workers,match,retry_limit,tls.ca_file,net.keepalive
`, "ABI_SET=from-env")
	p.awaitTrace("out_init", 1)
	p.stop()

	var names, values []string
	for _, l := range p.trace("in_init", "out_init") {
		names = append(names, l.rest)
		if l.event == "in_init" && !strings.HasPrefix(l.fields["thread"], "flb-in-probe") {
			t.Errorf("init of %s ran on %s", l.rest, l.fields["thread"])
		}
	}
	if want := []string{"probe_in.0", "second", "probe_out.1"}; !slices.Equal(names, want) {
		t.Errorf("names: %v, want %v", names, want)
	}
	for _, l := range p.trace("property") {
		for key, value := range l.fields {
			if key != "thread" && key != "tid" {
				values = append(values, key+"="+value)
			}
		}
	}
	want := []string{"brokers=from-set/from-env/fallback", "host=(null)", "tag=(null)", "name=(null)", "rdkafka.debug=all",
		"many=one", "answers=(null)", "blocks=(null)", "workers=(null)", "match=(null)", "retry_limit=(null)",
		"tls.ca_file=(null)", "net.keepalive=(null)"}
	if !slices.Equal(values, want) {
		t.Errorf("properties:\n got %v\nwant %v", values, want)
	}
	if !strings.Contains(strings.SplitN(p.log(), "\n", 2)[0], "not Fluent Bit") {
		t.Error("the first line of the log does not say what this program is")
	}
}

// Each of these must end with exit code 1 and a line that says why.
func TestRefusedStart(t *testing.T) {
	t.Parallel()
	service := "[SERVICE]\n    Plugins_File PLUGINS\n"
	for name, c := range map[string]struct{ conf, want string }{
		"unknown property":    {service + "[INPUT]\n    Name probe_in\n    nonsense 1\n", "'nonsense', it has these: trace, ask"},
		"core name no plugin": {service + "[OUTPUT]\n    Name probe_out\n    rdkafka. 1\n", "'rdkafka.'"},
		"twice":               {service + "[INPUT]\n    Name probe_in\n    Brokers a\n    brokers b\n", "'Brokers' is set 2 times"},
		"input's init":        {service + "[INPUT]\n    Name probe_in\n    fail_init true\n[OUTPUT]\n    Name probe_out\n", "[input:probe_in:probe_in.0] init failed"},
		"output's init":       {service + "[INPUT]\n    Name probe_in\n[OUTPUT]\n    Name probe_out\n    fail_init true\n", "[output:probe_out:probe_out.0] init failed"},
		"no such plugin":      {service + "[INPUT]\n    Name nothing\n", "no input plugin is called 'nothing'"},
		"tls":                 {service + "[OUTPUT]\n    Name probe_out\n    tls on\n", "does not support TLS"},
		"no name":             {service + "[INPUT]\n    Tag x\n", "without Name"},
		"plugin file missing": {"[SERVICE]\n    Plugins_File DIR/none.conf\n", "none.conf"},
		"plugins inline":      {"[Plugins]\n    Path DIR/x.so\n", "Plugins_File names"},
		"no value":            {"[SERVICE]\n    Flush\n", "host.conf:2: a key needs a blank and a value"},
		"tab":                 {"[SERVICE]\n    Flush\t1\n", "host.conf:2: a key needs a blank and a value"},
		"not indented":        {"[SERVICE]\nFlush 1\n", "host.conf:2: a key must be indented"},
		"indented otherwise":  {"[SERVICE]\n    Flush 1\n  Grace 1\n", "host.conf:3: indentation differs"},
		"no bracket":          {"[SERVICE\n", "host.conf:1: a section header"},
		"endless include":     {"@INCLUDE host.conf\n", "too many included files"},
		"wrong flush":         {"[SERVICE]\n    Flush never\n", "Flush cannot be 'never'"},
		"wrong dummy":         {"[INPUT]\n    Name dummy\n    Dummy [1]\n", "dummy is no JSON object"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, testhost(), c.conf)
			if code := p.exit(); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			if !strings.Contains(p.log(), c.want) {
				t.Errorf("the log does not say %q", c.want)
			}
		})
	}
}

func TestForeignSymbolAborts(t *testing.T) {
	t.Parallel()
	p := start(t, testhost(), `
[SERVICE]
    Plugins_File PLUGINS
[INPUT]
    Name    probe_in
    trace   TRACE
    foreign rd_kafka_version
[OUTPUT]
    Name  null
    Match *
`)
	if code := p.exit(); code != -1 {
		t.Errorf("exit code %d, want an end by SIGABRT", code)
	}
	if !strings.Contains(p.log(), "FATAL: plugin called the host's rd_kafka_version\n") {
		t.Error("the log does not name the symbol")
	}
}
