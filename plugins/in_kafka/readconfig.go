package inkafka

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/rdkafka"
)

// Values of stop_at.
const (
	stopNever = "never"
	stopEnd   = "end"
)

// readConfig says what of the topics is read.
type readConfig struct {
	Exclude []string // topics: a name, or ^ and a regular expression
	StartAt startPoint
	Force   bool
	StopAt  string

	fetchWait time.Duration // librdkafka's fetch.wait.max.ms, from apply
}

func newReadConfig() readConfig {
	return readConfig{StartAt: startPoint{text: "earliest"}, StopAt: stopNever}
}

// fetchWait is librdkafka's default of fetch.wait.max.ms.
const fetchWait = 500 * time.Millisecond

// readOwned are librdkafka's properties that these options set.
var readOwned = map[string]string{
	"auto.offset.reset":             "is set by start_at",
	"enable.partition.eof":          "is always on: stop_at and max_skew need it",
	"topic.blacklist":               "is set by exclude_topics",
	"offset.store.method":           "would keep offsets elsewhere than in the group",
	"offset.store.path":             "would keep offsets elsewhere than in the group",
	"offset.store.sync.interval.ms": "would keep offsets elsewhere than in the group",
	"auto.commit.enable":            "is for clients without a group",
}

// options are the rows of the table.
func (c *readConfig) options() options.Table {
	return options.Table{
		{
			Name: "exclude_topics", Value: options.List(&c.Exclude, checkPattern),
			Help:    "Topics not to read although topics has them. One that starts with ^ is a regular expression over topic names, which cannot hold a comma.",
			Example: `logs.debug,^logs\.test\.`,
		},
		{
			Name: "start_at", Value: options.Parsed(&c.StartAt, "earliest, latest, RFC 3339 time, or -duration", parseStartPoint, startPoint.String),
			Help: "Where the reading of a partition starts for which the group has no committed offset: at its earliest record, behind its latest, " +
				"or at the first record of that time or later, by Kafka's timestamps. A time may be given as how long before the agent's start.",
			Example: "-1h",
		},
		{
			Name: "start_at_force", Value: options.Bool(&c.Force),
			Help: "Start at start_at although there are committed offsets: a replay. It happens when a partition comes to this agent for the first time " +
				"since its start, so also after each restart: take the option away when the replay is done.",
			Example: "on",
		},
		{
			Name: "stop_at", Value: options.Enum(&c.StopAt, stopNever, stopEnd),
			Help: "end: read each partition up to the end that it has when it comes to this agent for the first time. " +
				"Then the input is idle, and says so in the log once all is delivered.",
			Example: stopEnd,
		},
	}
}

// validate reports what a single option cannot see.
func (c *readConfig) validate() error {
	var errs []error
	if c.StopAt == stopEnd && c.StartAt.kind == pointLatest {
		errs = append(errs, errors.New("stop_at end with start_at latest would read nothing: set start_at to where the reading is to start"))
	}
	for _, topic := range c.Exclude {
		if pattern := blacklistPattern(topic); rdkafka.CheckProperty("topic.blacklist", pattern) != nil {
			errs = append(errs, fmt.Errorf("exclude_topics has %q, which librdkafka does not take as a regular expression", topic))
		}
	}
	return errors.Join(errs...)
}

// apply sets librdkafka's properties.
func (c *readConfig) apply(conf kafka.ConfigMap) {
	// Where reading starts is decided here, see start. What librdkafka would do
	// by itself, jump to an end where the offset it was given is gone, would lose
	// records with a line in the log at best: with error it asks us.
	conf["auto.offset.reset"] = "error"
	c.fetchWait = fetchWait
	if text, ok := conf["fetch.wait.max.ms"].(string); ok {
		if ms, err := strconv.Atoi(text); err == nil {
			c.fetchWait = time.Duration(ms) * time.Millisecond
		}
	}
	if len(c.Exclude) > 0 {
		patterns := make([]string, len(c.Exclude))
		for i, topic := range c.Exclude {
			patterns[i] = blacklistPattern(topic)
		}
		// It hides topics from the subscription, from listed names as from
		// regular expressions, so no member of the group gets them by us.
		conf["topic.blacklist"] = strings.Join(patterns, ",")
	}
}

// blacklistPattern is a topic as librdkafka's blacklist has it, which knows
// only regular expressions.
func blacklistPattern(topic string) string {
	if strings.HasPrefix(topic, "^") {
		return topic
	}
	return "^" + regexp.QuoteMeta(topic) + "$"
}

// checkPattern holds a topic of a list to what librdkafka matches: a name, or
// ^ and a POSIX expression. Others, such as \d, would match something else
// there, and nobody would be told.
func checkPattern(text string) error {
	if strings.HasPrefix(text, "^") {
		if _, err := regexp.CompilePOSIX(text); err != nil {
			return fmt.Errorf("must be a regular expression, of POSIX's kind: %w", err)
		}
		return nil
	}
	if err := kafkaconf.CheckTopic(text); err != nil {
		return fmt.Errorf("%w, or ^ and a regular expression", err)
	}
	return nil
}
