package inkafka

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/deadletter"
	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
)

// Config is the configuration of one tidegate_kafka input.
type Config struct {
	Brokers  []string
	Topics   []string // a name, or ^ and a regular expression
	GroupID  string
	ClientID string
	TopicTag string // a template, see tags; empty: the host's Tag
	deliveryConfig
	recordConfig
	DeadLetterTopic string

	read  readConfig
	group groupConfig

	// RDKafka are the properties that are passed through, as given.
	RDKafka kafkaconf.Properties
}

// NewConfig returns the defaults.
func NewConfig() *Config {
	return &Config{
		ClientID:       "tidegate",
		recordConfig:   newRecordConfig(),
		deliveryConfig: newDeliveryConfig(),
		read:           newReadConfig(),
		RDKafka:        kafkaconf.NewProperties(kafkaconf.Consumer, owned),
	}
}

// owned are librdkafka's properties that this input sets itself, and why an
// operator cannot.
var owned = map[string]string{
	"bootstrap.servers":        "is set by brokers",
	"metadata.broker.list":     "is set by brokers",
	"group.id":                 "is set by group_id",
	"client.id":                "is set by client_id",
	"enable.auto.commit":       "is set by commit",
	"auto.commit.interval.ms":  "is set by commit_interval",
	"enable.auto.offset.store": "is set by commit: it would commit offsets of records that are not delivered yet",
}

func init() {
	maps.Copy(owned, readOwned)
	maps.Copy(owned, groupOwned)
}

// Options implements plugin.Config.
func (c *Config) Options() options.Table {
	table := options.Table{
		{
			Name: "brokers", Value: options.List(&c.Brokers, kafkaconf.CheckBroker), Required: true,
			Help: "Brokers to connect to first; the others are learned from them.", Example: "kafka-1:9092,kafka-2:9092",
		},
		{
			Name: "topics", Value: options.List(&c.Topics, checkPattern), Required: true,
			Help: "Topics to read. One that starts with ^ is a regular expression over topic names and also takes topics that are made later. " +
				"An expression cannot hold a comma.",
			Example: "logs.application,^logs\\..*",
		},
		{
			Name: "group_id", Value: options.Text(&c.GroupID), Required: true,
			Help: "Consumer group. Agents with the same group share the partitions.", Example: "tidegate",
		},
		{
			Name: "client_id", Value: options.Text(&c.ClientID),
			Help: "Name of this client in the brokers' logs, metrics and quotas.", Example: "node-17",
		},
		{
			Name: "topic_tag", Value: options.Text(&c.TopicTag, checkTag),
			Help: "Tag of the records of a topic, with $topic for its name and $partition for the partition's number. Unset, all records have the input's Tag.", Example: "kafka.$topic",
		},
		deadletter.TopicOption(&c.DeadLetterTopic, "Topic that gets bad messages: key, value and headers as they were, and the reason and origin in headers tidegate.*. "+
			"A message is finished when the brokers have its dead letter."),
	}
	return slices.Concat(table, c.read.options(), c.recordOptions(), c.deliveryOptions(), c.group.options(), c.RDKafka.Options())
}

// Validate implements plugin.Config: it has librdkafka judge the properties
// that are passed through, each alone, so that all errors are found.
func (c *Config) Validate() error {
	return errors.Join(c.RDKafka.Validate(), c.checkTopicTag(), c.read.validate(), c.validateRecord(), c.checkLetters(), c.validateDelivery())
}

func (c *Config) checkTopicTag() error {
	if c.TopicTag == "" || strings.Contains(c.TopicTag, topicVariable) || len(c.Topics) == 1 {
		return nil
	}
	return fmt.Errorf("topic_tag %q must contain $topic: for one tag for all topics set Tag", c.TopicTag)
}

// NewInput implements plugin.InputConfig.
func (c *Config) NewInput(h plugin.Host) (plugin.Input, error) { return newInput(c, h) }

// clientConfig is librdkafka's configuration: our defaults, then what is
// passed through, then what must not be changed.
func (c *Config) clientConfig() *kafka.ConfigMap {
	conf := kafka.ConfigMap{
		// Members come and go without stopping the others.
		"partition.assignment.strategy": "cooperative-sticky",
		// What waits in the client, in KiB and over all partitions, whose messages
		// come in one queue. max_in_flight is on top of it, and librdkafka's 64 MiB
		// would be as much again.
		"queued.max.messages.kbytes": 2 << 10,
		// Of a partition at a time, compressed. It is unpacked as a whole: with
		// librdkafka's 1 MiB a few partitions that compress well took 100 MiB more.
		"fetch.message.max.bytes": 256 << 10,
		// How long a full queue waits until it fetches again. With librdkafka's
		// second it runs dry meanwhile: 47,000 records/s became 180,000.
		"fetch.queue.backoff.ms": 20,
		// A topic that is made or allowed later is read after this time, not after
		// librdkafka's five minutes.
		"topic.metadata.refresh.interval.ms": 30_000,
		// Lag and the state of brokers come from there.
		"statistics.interval.ms": int(statisticsEvery.Milliseconds()),
	}
	for name, value := range c.RDKafka.All() {
		conf[name] = value
	}
	conf["bootstrap.servers"] = strings.Join(c.Brokers, ",")
	conf["group.id"] = c.GroupID
	conf["client.id"] = c.ClientID
	// What is committed is what the reader stored, and nothing else.
	conf["enable.auto.offset.store"] = c.Commit == commitAuto
	conf["enable.auto.commit"] = true
	conf["auto.commit.interval.ms"] = int(c.CommitInterval.Milliseconds())
	conf["enable.partition.eof"] = true
	conf["go.logs.channel.enable"] = true
	c.read.apply(conf)
	c.group.apply(conf)
	return &conf
}
