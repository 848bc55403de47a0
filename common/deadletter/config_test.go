package deadletter

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/options"
)

// parse reads options, written name=value, as the core does.
func parse(table options.Table, validate func() error, settings ...string) string {
	err := table.Parse(func(name string) (string, bool) {
		for _, s := range settings {
			if n, v, _ := strings.Cut(s, "="); n == name {
				return v, true
			}
		}
		return "", false
	})
	return options.Problems(errors.Join(err, validate()))
}

func TestConfig(t *testing.T) {
	f := func(want string, settings ...string) {
		t.Helper()
		c := NewConfig()
		if got := parse(c.Options(), c.Validate, settings...); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", settings, got, want)
		}
	}
	f("")
	f("", "dead_letter_path=/a", "dead_letter_max_size=1Mi", "dead_letter_max_files=0")
	f("", "dead_letter_topic=dead", "dead_letter_brokers=k:1", "rdkafka.security.protocol=ssl")
	f("dead_letter_path and dead_letter_topic are both set: set one of them", "dead_letter_path=/a", "dead_letter_topic=dead", "dead_letter_brokers=k:1")
	f("dead_letter_max_size and dead_letter_max_files have no use without dead_letter_path", "dead_letter_max_files=1")
	f("dead_letter_brokers is required with dead_letter_topic: a comma-separated list, such as kafka-1:9092", "dead_letter_topic=dead")
	f("dead_letter_brokers has no use without dead_letter_topic", "dead_letter_brokers=k:1")
	f(`dead_letter_topic "a b" must be a topic name: 1 to 249 letters, digits, dots, underscores and dashes, and not one or two dots only`, "dead_letter_topic=a b")
	f("rdkafka.acks is always all: a dead letter may be the last copy", "dead_letter_topic=dead", "dead_letter_brokers=k:1", "rdkafka.acks=1")
}

// A Config of a plugin that has brokers by itself has no other properties, and
// needs no other brokers.
func TestKafkaConfig(t *testing.T) {
	f := func(want string, settings ...string) *Config {
		t.Helper()
		c := NewKafkaConfig()
		for _, o := range c.Options() {
			if strings.HasPrefix(o.Name, kafkaconf.Prefix) {
				t.Errorf("%s is an option", o.Name)
			}
		}
		if got := parse(c.Options(), c.Validate, settings...); got != want || c.Wanted() != (len(settings) > 0) {
			t.Errorf("%q:\ngot  %s\nwant %s", settings, got, want)
		}
		return &c
	}
	f("")
	own := f("", "dead_letter_topic=dead")
	others := f("", "dead_letter_topic=dead", "dead_letter_brokers=k:1")
	file := f("", "dead_letter_path=/a")
	for _, c := range []*Config{own, others, file} {
		for element, circle := range map[string]bool{"dead": true, "^d": true, "dead.a": false, "^a": false} {
			if err := c.CheckWritten([]string{"a", element}); (err != nil) != (circle && c == own) {
				t.Errorf("%q among %q: %v", c.topic, element, err)
			}
		}
	}
	c := NewKafkaConfig()
	if got := parse(c.Options(), c.Validate, "dead_letter_path=/a", "dead_letter_brokers=k:1"); got != "dead_letter_brokers has no use without dead_letter_topic" {
		t.Error(got)
	}
}

// Letters go to the plugin's own brokers unless there are others for them.
func TestBrokersOfLetters(t *testing.T) {
	f := func(want string, settings ...string) {
		t.Helper()
		c := NewKafkaConfig()
		if problems := parse(c.Options(), c.Validate, append(settings, "dead_letter_topic=dead")...); problems != "" {
			t.Fatal(problems)
		}
		a := newAgent()
		sink, err := c.Open(a.owner(t), Cluster{Brokers: []string{"127.0.0.1:1"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := sink.(*Topic).report.brokers; got != want {
			t.Errorf("%q: %s, want %s", settings, got, want)
		}
		sink.Close(time.Now())
		a.running.Wait()
	}
	f("127.0.0.1:1")
	f("127.0.0.1:2", "dead_letter_brokers=127.0.0.1:2")
}

// Open makes the sink that is asked for, without waiting for a broker.
func TestOpen(t *testing.T) {
	f := func(settings ...string) Sink {
		t.Helper()
		c := NewConfig()
		if problems := parse(c.Options(), c.Validate, settings...); problems != "" {
			t.Fatal(problems)
		}
		a := newAgent()
		sink, err := c.Open(a.owner(t), Cluster{ClientID: "test"})
		if err != nil {
			t.Fatal(err)
		}
		if left := sink.Close(time.Now()); left != 0 {
			t.Errorf("%d left", left)
		}
		a.running.Wait()
		return sink
	}
	if s, ok := f("dead_letter_path=" + filepath.Join(t.TempDir(), "dead")).(*File); !ok {
		t.Errorf("got %T", s)
	}
	if s, ok := f("dead_letter_topic=dead", "dead_letter_brokers=127.0.0.1:1").(*Topic); !ok {
		t.Errorf("got %T", s)
	}
}

// A consumer's properties serve the producer beside it, without those that mean
// nothing to it.
func TestClusterOfConsumer(t *testing.T) {
	p := kafkaconf.NewProperties(kafkaconf.Consumer, nil)
	problems := parse(p.Options(), p.Validate, "rdkafka.security.protocol=sasl_plaintext", "rdkafka.sasl.mechanism=PLAIN",
		"rdkafka.sasl.username=u", "rdkafka.sasl.password=p", "rdkafka.fetch.wait.max.ms=10", "rdkafka.message.max.bytes=2000000")
	if problems != "" {
		t.Fatal(problems)
	}
	conf := Cluster{Brokers: []string{"a:1", "b:2"}, ClientID: "c", Properties: p.For(kafkaconf.Producer)}.config()
	for name, want := range map[string]any{
		"security.protocol": "sasl_plaintext", "sasl.username": "u", "sasl.password": "p", "fetch.wait.max.ms": nil,
		"message.max.bytes": "2000000", "bootstrap.servers": "a:1,b:2", "client.id": "c", "acks": "all",
	} {
		if conf[name] != want {
			t.Errorf("%s is %v, want %v", name, conf[name], want)
		}
	}
}

func TestCheckCycle(t *testing.T) {
	f := func(topic string, cycle bool, read, exclude []string) {
		t.Helper()
		if err := CheckCycle(topic, read, exclude); (err != nil) != cycle {
			t.Errorf("%s among %q without %q: %v", topic, read, exclude, err)
		}
	}
	f("dead", false, []string{"logs"}, nil)
	f("dead", true, []string{"logs", "dead"}, nil)
	f("dead", false, []string{"dead.*"}, nil)
	f("logs.dead", true, []string{`^logs\..*`}, nil)
	f("logs.dead", true, []string{`^logs`}, nil)
	f("logs.dead", false, []string{`^logs\.[^.]+\.app$`}, nil)
	f("logs.dead", false, []string{`^logs\..*`}, []string{"logs.dead"})
	f("logs.dead", false, []string{`^logs\..*`}, []string{`^.*\.dead$`})
}
