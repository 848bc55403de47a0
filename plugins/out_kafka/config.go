// Package outkafka is the tidegate_kafka output: records as Kafka messages.
//
// A flush produces every record of its chunk, waits for each delivery report
// and answers OK only when all are good. What could not be delivered is
// retried by the engine, with the same chunk: a flight remembers what is
// delivered or still under way, so that a retry sends the rest and no record
// twice.
//
// The client's memory is librdkafka's, bounded by queue.buffering.max.kbytes;
// nothing here refers to a chunk's bytes after its flush. Goroutines: two for
// each producer, which carry its errors and its log lines to the agent's log,
// joined by Close.
package outkafka

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
)

// Formats of a message's value.
const (
	formatJSON = "json"
	formatRaw  = "raw"
)

// Config is the configuration of one output.
type Config struct {
	brokers      []string
	topic        template
	topicDefault string
	topicAllow   allowList
	messageKey   messageKey
	headers      headers
	format       string
	rawLogKey    *accessor.Accessor
	timestampKey string
	clientID     string
	flushTimeout time.Duration
	rdkafka      kafkaconf.Properties
	letters      deadletter.Config

	// gave tells which of the options that others ask for were there.
	gave struct{ topicDefault, topicAllow, rawLogKey bool }
}

var _ plugin.OutputConfig = (*Config)(nil)

const (
	minFlushTimeout = 100 * time.Millisecond
	// defaultFlushTimeout is long enough for the election of a new leader.
	defaultFlushTimeout = 30 * time.Second
	maxFlushTimeout     = 10 * time.Minute
)

// NewConfig returns a configuration that holds the defaults.
func NewConfig() *Config {
	return &Config{
		format:       formatJSON,
		clientID:     "tidegate",
		flushTimeout: defaultFlushTimeout,
		rdkafka:      kafkaconf.NewProperties(kafkaconf.Producer, owned),
		letters:      deadletter.NewKafkaConfig(),
	}
}

// Options implements plugin.Config.
func (c *Config) Options() options.Table {
	table := options.Table{{
		Name: "brokers", Value: options.List(&c.brokers, kafkaconf.CheckBroker), Required: true,
		Help:    "Brokers to connect to first; the others are learned from them.",
		Example: "kafka-1:9092,kafka-2:9092",
	}, {
		Name: "topic", Value: templateValue(&c.topic), Required: true,
		Help:    "Topic of the messages: a name, or a template with paths into the record ($), what comes beside it (@) or its tag.",
		Example: "logs.$kubernetes['namespace_name']",
	}, {
		Name: "topic_default", Value: given{options.Text(&c.topicDefault, kafkaconf.CheckTopic[string]), &c.gave.topicDefault},
		Help:    "Topic of records that the template gives no name or one that is not allowed. Required with a template.",
		Example: "logs.other",
	}, {
		Name: "topic_allow", Value: given{allowListValue(&c.topicAllow), &c.gave.topicAllow},
		Help:    "Names that the template may give. One that starts with ^ is a regular expression, which cannot hold a comma. Required with a template.",
		Example: `audit,^logs\.[a-z-]+$`,
	}, {
		Name: "message_key", Value: messageKeyValue(&c.messageKey),
		Help: "Key of the messages: a path, such as @metadata['kafka']['key'] for that of the message that was read, or a text for all of them. " +
			"A record without a value there has no key.",
		Example: "$kubernetes['pod_name']",
	}, {
		Name: "headers", Value: headersValue(&c.headers),
		Help:    "Headers of the messages: name=value, name=$path or name=@path. One without a value is left out.",
		Example: "source=edge,namespace=$kubernetes['namespace_name'],service=@resource['service.name']",
	}, {
		Name: "format", Value: options.Enum(&c.format, formatJSON, formatRaw),
		Help:    "What a message's value is. json: the record. raw: the text under raw_log_key.",
		Example: formatJSON,
	}, {
		Name: "raw_log_key", Value: given{keyValue(&c.rawLogKey), &c.gave.rawLogKey},
		Help:    "Key or path of the text that is the value with format raw. A record without it is rejected.",
		Example: "log",
	}, {
		Name: "timestamp_key", Value: options.Text(&c.timestampKey),
		Help:    "Key under which the JSON has the record's time, in ISO 8601 with nanoseconds. It replaces what the record has there. Unset, there is none.",
		Example: "@timestamp",
	}, {
		Name: "client_id", Value: options.Text(&c.clientID),
		Help:    "Name of this client in the brokers' logs, metrics and quotas.",
		Example: "node-17",
	}, {
		Name: "flush_timeout", Value: options.Duration(&c.flushTimeout, minFlushTimeout, maxFlushTimeout),
		Help:    "How long a flush waits for the brokers before the engine is asked to retry it.",
		Example: "30s",
	}}
	return slices.Concat(table, c.letters.Options(), c.rdkafka.Options())
}

// Validate implements plugin.Config.
func (c *Config) Validate() error {
	return errors.Join(c.checkTopics(), c.checkFormat(), c.rdkafka.Validate(), c.checkPromise(), c.checkLetters())
}

func (c *Config) checkTopics() error {
	if c.topic.text == "" {
		return nil // which is reported already
	}
	var errs []error
	if c.topic.dynamic() {
		if !c.gave.topicDefault {
			errs = append(errs, errors.New("topic_default is required with a template in topic: where records go that have no name, such as logs.other"))
		}
		if !c.gave.topicAllow {
			errs = append(errs, errors.New(`topic_allow is required with a template in topic: the names that records may choose, such as audit,^logs\.[a-z-]+$`))
		}
		return errors.Join(errs...)
	}
	if c.gave.topicDefault {
		errs = append(errs, fmt.Errorf("topic_default has no use: %s is the topic of all records", c.topic.text))
	}
	if c.gave.topicAllow {
		errs = append(errs, fmt.Errorf("topic_allow has no use: %s is the topic of all records", c.topic.text))
	}
	return errors.Join(errs...)
}

func (c *Config) checkFormat() error {
	var errs []error
	switch {
	case c.format == formatRaw && !c.gave.rawLogKey:
		errs = append(errs, errors.New("raw_log_key is required with format raw: the key of the text, such as log"))
	case c.format != formatRaw && c.gave.rawLogKey:
		errs = append(errs, errors.New("raw_log_key has no use without format raw"))
	}
	if c.format == formatRaw && c.timestampKey != "" {
		errs = append(errs, errors.New("timestamp_key has no use with format raw: the time is in the message's timestamp"))
	}
	return errors.Join(errs...)
}
