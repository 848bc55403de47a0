package inkafka

import (
	"errors"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/options"
)

// parse reads a configuration as the core does.
func parse(given map[string]string) (*Config, error) {
	c := NewConfig()
	table := c.Options()
	err := table.Parse(func(name string) (string, bool) {
		text, ok := given[name]
		return text, ok
	})
	return c, errors.Join(err, c.Validate())
}

func with(more map[string]string) map[string]string {
	all := map[string]string{"brokers": "a:1", "topics": "t", "group_id": "g", "commit": "appended"}
	for k, v := range more {
		all[k] = v
	}
	if all["on_error"] == onErrorDeadLetter && all["dead_letter_topic"] == "" {
		all["dead_letter_topic"] = "dead"
	}
	return all
}

func TestConfig(t *testing.T) {
	c, err := parse(with(map[string]string{
		"brokers": "a:1, b:2,[::1]:3", "topics": `one,^two\..*`, "format": "RAW", "topic_tag": "kafka.$topic",
		"rdkafka.fetch.min.bytes": "7", "rdkafka.sasl.password": "hush",
	}))
	if err != nil {
		t.Fatal(err)
	}
	conf := *c.clientConfig()
	for name, want := range map[string]any{
		"bootstrap.servers": "a:1,b:2,[::1]:3", "fetch.min.bytes": "7", "sasl.password": "hush",
		"enable.auto.commit": true, "enable.auto.offset.store": false, "group.id": "g",
	} {
		if conf[name] != want {
			t.Errorf("%s is %v, want %v", name, conf[name], want)
		}
	}
	if c.Format != formatRaw || len(c.Topics) != 2 {
		t.Errorf("got %+v", c)
	}
	if line := c.Options().Effective(); strings.Contains(line, "hush") || !strings.Contains(line, "rdkafka.fetch.min.bytes=7") {
		t.Errorf("effective configuration: %s", line)
	}
}

func TestConfigRefuses(t *testing.T) {
	for _, c := range []struct {
		given map[string]string
		want  []string
	}{
		{map[string]string{}, []string{"brokers is required", "topics is required", "group_id is required"}},
		{with(map[string]string{"brokers": "a"}), []string{`brokers "a" has element "a", which must be host:port`}},
		{with(map[string]string{"brokers": "a:1,,b:2"}), []string{"must not have an empty element"}},
		{with(map[string]string{"topics": "a b"}), []string{`topics "a b"`, "must be a topic name"}},
		{with(map[string]string{"topics": "^("}), []string{"must be a regular expression"}},
		{with(map[string]string{"format": "xml"}), []string{`format "xml" must be one of json, raw`}},
		{with(map[string]string{"topics": "a,b", "topic_tag": "x"}), []string{"must contain $topic"}},
		{with(map[string]string{"topic_tag": "x.$offset"}), []string{"only $topic and $partition are replaced"}},
		{with(map[string]string{"rdkafka.fetch.min.bytes": "x"}), []string{"rdkafka.fetch.min.bytes", "Invalid value"}},
		{with(map[string]string{"rdkafka.enable.auto.commit": "false"}), []string{"rdkafka.enable.auto.commit is set by commit"}},
		{with(map[string]string{"rdkafka.group.id": "x"}), []string{"rdkafka.group.id is set by group_id"}},
		{
			with(map[string]string{"brokers": "", "format": "xml", "rdkafka.isolation.level": "x"}),
			[]string{"brokers is required", "format", "rdkafka.isolation.level"},
		},
	} {
		_, err := parse(c.given)
		line := options.Problems(err)
		for _, want := range c.want {
			if !strings.Contains(line, want) {
				t.Errorf("%v: %q does not say %q", c.given, line, want)
			}
		}
	}
}

// TestOptionNames refuses a name that the host keeps for itself, and a row
// that an operator could not use.
func TestOptionNames(t *testing.T) {
	for _, o := range NewConfig().Options() {
		if options.Reserved(o.Name) {
			t.Errorf("%s: the host keeps that name", o.Name)
		}
		if o.Help == "" || (o.Required && o.Example == "") {
			t.Errorf("%s: no help or example", o.Name)
		}
	}
}
