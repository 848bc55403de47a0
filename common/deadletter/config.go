package deadletter

import (
	"errors"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/kafkatoken"
	"github.com/tidegate/tidegate/common/options"
)

// TopicOption is the row of dead_letter_topic. what tells what a letter there is.
func TopicOption(topic *string, what string) options.Option {
	return options.Option{
		Name: "dead_letter_topic", Value: options.Text(topic, kafkaconf.CheckTopic[string]),
		Help:    what,
		Example: "dead-letters",
	}
}

// Config is the options of an output's dead letters: a file, a topic, or none.
type Config struct {
	topic   string
	brokers []string
	rdkafka kafkaconf.Properties

	path   string
	limits Rotation

	// shared tells that the plugin is a client of Kafka by itself, so that its
	// properties, and its brokers unless there are others, are those of the topic.
	shared bool
}

// Bounds of a file's size and of the number of full ones. The defaults allow
// 110 MB.
const (
	minFileSize     = 4 << 10
	defaultFileSize = 10 << 20
	maxFileSize     = 1 << 40
	defaultFiles    = 10
	maxFiles        = 1000
)

// NewConfig returns the defaults for a plugin that does not speak to Kafka by
// itself: the topic's brokers and rdkafka.* are options for its sake.
func NewConfig() Config {
	return Config{
		limits:  Rotation{Size: defaultFileSize, Files: defaultFiles},
		rdkafka: kafkaconf.NewProperties(kafkaconf.Producer, owned),
	}
}

// NewKafkaConfig returns the defaults for a plugin that has brokers and rdkafka.*
// of its own, which it gives to Open.
func NewKafkaConfig() Config {
	c := Config{shared: true}
	c.limits = Rotation{Size: defaultFileSize, Files: defaultFiles}
	return c
}

// recordLetters is what an output's letters are in a topic.
const recordLetters = "Topic that gets what is rejected: the record as JSON, and in headers tidegate.* the reason, the server's words, the tag and where it was read. " +
	"A record is finished when the brokers have its dead letter."

// sharedBrokers is what dead_letter_brokers is to an output that has brokers.
const sharedBrokers = " Unset, they are those of brokers. rdkafka.* and the login are the output's own either way."

// Options returns the rows for the plugin's table.
func (c *Config) Options() options.Table {
	table := options.Table{{
		Name: "dead_letter_path", Value: options.Text(&c.path),
		Help: "File that gets what is rejected, one line of JSON for each record, with the reason and origin. Instances and agents of one machine may share it. " +
			"A full disk makes chunks wait.",
		Example: "/var/log/tidegate/dead.jsonl",
	}, {
		Name: "dead_letter_max_size", Value: options.Size(&c.limits.Size, minFileSize, maxFileSize),
		Help: "Size at which the file of dead_letter_path is renamed to end in .1, and a new one begins.", Example: "10Mi",
	}, {
		Name: "dead_letter_max_files", Value: options.Int(&c.limits.Files, 0, maxFiles),
		Help: "How many renamed files are kept. The log tells when the oldest is removed.", Example: "10",
	}, TopicOption(&c.topic, recordLetters), {
		Name: "dead_letter_brokers", Value: options.List(&c.brokers, kafkaconf.CheckBroker),
		Help: "Brokers of dead_letter_topic to connect to first.", Example: "kafka-1:9092,kafka-2:9092",
	}}
	if c.shared {
		table[len(table)-1].Help += sharedBrokers
		return table
	}
	return append(table, c.rdkafka.Options()...)
}

// Validate reports what options do not go together.
func (c *Config) Validate() error {
	var errs []error
	if c.path != "" && c.topic != "" {
		errs = append(errs, errors.New("dead_letter_path and dead_letter_topic are both set: set one of them"))
	}
	if c.path == "" && c.limits != (Rotation{Size: defaultFileSize, Files: defaultFiles}) {
		errs = append(errs, errors.New("dead_letter_max_size and dead_letter_max_files have no use without dead_letter_path"))
	}
	switch {
	case c.topic != "" && len(c.brokers) == 0 && !c.shared:
		errs = append(errs, errors.New("dead_letter_brokers is required with dead_letter_topic: a comma-separated list, such as kafka-1:9092"))
	case c.topic == "" && len(c.brokers) > 0:
		errs = append(errs, errors.New("dead_letter_brokers has no use without dead_letter_topic"))
	}
	if !c.shared {
		errs = append(errs, c.rdkafka.Validate())
	}
	return errors.Join(errs...)
}

// Wanted reports whether there is to be a sink.
func (c *Config) Wanted() bool { return c.path != "" || c.topic != "" }

// Open makes the sink of a Config that wants one. in is for NewKafkaConfig; with
// NewConfig, only its ClientID counts.
func (c *Config) Open(o Owner, in Cluster) (Sink, error) {
	if c.path != "" {
		return NewFile(o, c.path, c.limits)
	}
	switch {
	case c.shared && len(c.brokers) > 0:
		in.Brokers = c.brokers
	case !c.shared:
		in.Brokers, in.Properties = c.brokers, c.rdkafka.For(kafkaconf.Producer)
		in.Tokens = func() (*kafkatoken.Refresher, error) { return c.rdkafka.Tokens(o.Host.Log, o.Host.Go) }
	}
	return NewTopic(o, c.topic, in)
}
