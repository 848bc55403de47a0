package outkafka

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/options"
)

func TestDefaults(t *testing.T) {
	c := NewConfig()
	if err := parse(c, "brokers=a:1", "topic=t"); err != nil {
		t.Fatal(err)
	}
	const want = "brokers=a:1 topic=t format=json client_id=tidegate flush_timeout=30s dead_letter_max_size=10Mi dead_letter_max_files=10"
	if got := c.Options().Effective(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestEveryExampleParses(t *testing.T) {
	c := NewConfig()
	var settings []string
	for _, o := range c.Options() {
		if strings.HasPrefix(o.Name, kafkaconf.Prefix) {
			continue
		}
		if o.Help == "" || o.Example == "" || options.Reserved(o.Name) {
			t.Errorf("%s: help %q, example %q, reserved %v", o.Name, o.Help, o.Example, options.Reserved(o.Name))
		}
		// One goes with another format, those of a file not with those of a topic, the
		// files are not there, and common/kafkaconf tests those that go with a mechanism.
		if o.Name != "raw_log_key" && o.Name != "dead_letter_path" && !strings.HasPrefix(o.Name, "dead_letter_max_") && !strings.HasSuffix(o.Name, "_file") && !strings.HasPrefix(o.Name, "oauth_") && !strings.HasPrefix(o.Name, "aws_") {
			settings = append(settings, o.Name+"="+o.Example)
		}
	}
	if err := parse(c, settings...); err != nil {
		t.Error(err)
	}
	if err := parse(NewConfig(), "brokers=a:1", "topic=t", "format=raw", "raw_log_key=log"); err != nil {
		t.Error(err)
	}
}

func TestWrongOptionsAreNamed(t *testing.T) {
	f := func(want string, settings ...string) {
		t.Helper()
		for _, s := range []string{"brokers=a:1", "topic=t"} {
			name, _, _ := strings.Cut(s, "=")
			if !strings.Contains("\n"+strings.Join(settings, "\n"), "\n"+name+"=") {
				settings = append(settings, s)
			}
		}
		if err := parse(NewConfig(), settings...); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", settings, err, want)
		}
	}
	const template, other, allow = "topic=logs.$a", "topic_default=other", "topic_allow=^logs"
	f(`brokers is required: comma-separated list, such as "kafka-1:9092,kafka-2:9092"; topic is required: topic name or template, such as "logs.$kubernetes['namespace_name']"`,
		"brokers=", "topic=")
	f(`brokers "kafka" has element "kafka", which must be host:port`, "brokers=kafka")
	f(`topic "a b" must have only letters, digits, dots, underscores and dashes beside its $paths, and has ' ' at column 2`, "topic=a b")
	f(`topic "ä" must have only letters, digits, dots, underscores and dashes beside its $paths, and has 'ä' at column 1`, "topic=ä")
	f(`topic ".." must be a topic name: 1 to 249 letters, digits, dots, underscores and dashes, and not one or two dots only`, "topic=..")
	f(`topic "a.$b['c" has a wrong path at column 6: this quote is never closed`, "topic=a.$b['c", other, allow)
	f(`topic "a.$" has a wrong path at column 4: after $ comes a key of letters, digits, _, - and / that starts with a letter or _; any other key is written $['key']`,
		"topic=a.$", other, allow)
	f(`topic_default is required with a template in topic: where records go that have no name, such as logs.other; `+
		`topic_allow is required with a template in topic: the names that records may choose, such as audit,^logs\.[a-z-]+$`, template)
	f(`topic_default has no use: t is the topic of all records; topic_allow has no use: t is the topic of all records`, other, allow)
	f(`topic_default "a/b" must be a topic name: 1 to 249 letters, digits, dots, underscores and dashes, and not one or two dots only`, template, "topic_default=a/b", allow)
	f(`topic_allow "a,logs.*" has element "logs.*", which must be a topic name: 1 to 249 letters, digits, dots, underscores and dashes, and not one or two dots only, or ^ and a regular expression`,
		template, other, "topic_allow=a,logs.*")
	f("topic_allow \"^(\" has element \"^(\", which must be a regular expression: error parsing regexp: missing closing ): `^(`", template, other, "topic_allow=^(")
	f(`message_key "$a.b" has a wrong path at column 3: a dot does not go deeper: write $a['b'] for b inside of a, or $['a.b'] for a key with a dot`, "message_key=$a.b")
	f(`headers "a" has element "a", which must be name=value or name=$path`, "headers=a")
	f(`headers "a=1,,b=2" has element "", which must be name=value or name=$path`, "headers=a=1,,b=2")
	f(`headers "a=$b[" has element "a=$b[", which has a wrong path at column 4: in brackets comes a quoted key or a number, as in ['key'] or [0]`, "headers=a=$b[")
	f(`format "msgpack" must be one of json, raw`, "format=msgpack")
	f(`raw_log_key is required with format raw: the key of the text, such as log`, "format=raw")
	f(`raw_log_key has no use without format raw`, "raw_log_key=log")
	f(`raw_log_key "$TAG" must be in the record, not the tag`, "format=raw", "raw_log_key=$TAG")
	f(`timestamp_key has no use with format raw: the time is in the message's timestamp`, "format=raw", "raw_log_key=log", "timestamp_key=ts")
	f(`flush_timeout "0" must be a duration from 100ms to 10m0s, such as 500ms or 10s`, "flush_timeout=0")
	f(`rdkafka.acks "1" must be all, the default: with less, records would count as delivered that a broker can still lose`, "rdkafka.acks=1")
	f(`rdkafka.request.required.acks "0" must be all, the default: with less, records would count as delivered that a broker can still lose`, "rdkafka.request.required.acks=0")
	f(`rdkafka.enable.idempotence "false" must be true, the default: without it, the client's own retries double and reorder records`, "rdkafka.enable.idempotence=false")
	f(`rdkafka.bootstrap.servers is set by brokers`, "rdkafka.bootstrap.servers=a:1")
	f(`rdkafka.transactional.id has no use here: chunks are not written in transactions`, "rdkafka.transactional.id=x")
}

func TestWrongPropertiesAreNamed(t *testing.T) {
	err := parse(NewConfig(), "brokers=a:1", "topic=t", "rdkafka.linger.ms=x", "rdkafka.compression.codec=zip")
	for _, want := range []string{"rdkafka.linger.ms", "rdkafka.compression.codec"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestClientConfig(t *testing.T) {
	c := NewConfig()
	if err := parse(c, "brokers=a:1,b:2", "topic=t", "rdkafka.acks=-1", "rdkafka.enable.idempotence=true", "rdkafka.delivery.timeout.ms=9000", "rdkafka.batch.num.messages=70"); err != nil {
		t.Fatal(err)
	}
	conf, alone := c.clientConfig(), c.aloneConfig()
	for name, want := range map[string]any{
		"bootstrap.servers": "a:1,b:2", "acks": "all", "enable.idempotence": true, "message.timeout.ms": "9000", "client.id": "tidegate", "batch.num.messages": "70",
	} {
		if conf[name] != want {
			t.Errorf("%s is %v, want %v", name, conf[name], want)
		}
	}
	if alone["batch.num.messages"] != 1 {
		t.Errorf("batches of %v", alone["batch.num.messages"])
	}
}
