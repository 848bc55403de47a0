package inkafka

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/options"
)

// groupConfig says what kind of member of its group the input is.
type groupConfig struct {
	InstanceID string
	Rack       string

	sessionTimeout time.Duration // librdkafka's session.timeout.ms, from apply
}

// sessionTimeout is librdkafka's default of session.timeout.ms.
const sessionTimeout = 45 * time.Second

// groupOwned are librdkafka's properties that these options set.
var groupOwned = map[string]string{
	"group.instance.id": "is set by group_instance_id",
	"client.rack":       "is set by client_rack",
}

// goProperties are those of confluent-kafka-go itself. They change how messages
// and events come, which is this input's own affair.
var goProperties = []string{
	"go.application.rebalance.enable", "go.batch.consumer", "go.batch.producer", "go.delivery.report.fields", "go.delivery.reports",
	"go.events.channel.enable", "go.events.channel.size", "go.logs.channel", "go.logs.channel.enable", "go.produce.channel.size",
}

// options are the rows of the table.
func (c *groupConfig) options() options.Table {
	table := options.Table{
		{
			Name: "group_instance_id", Value: options.Text(&c.InstanceID, checkInstanceID),
			Help: "Makes this agent a static member of the group: one that comes back within rdkafka.session.timeout.ms gets its partitions back without a rebalance. " +
				"Each agent needs a name of its own, which stays over restarts: two with the same one throw each other out.",
			Example: "${HOSTNAME}",
		},
		{
			Name: "client_rack", Value: options.Text(&c.Rack),
			Help:    "Rack or zone of this agent, as broker.rack has it: it then fetches from replicas near it, where the brokers have a rack-aware replica.selector.class.",
			Example: "eu-central-1a",
		},
	}
	for _, name := range goProperties {
		table = append(table, options.Option{
			Name:  kafkaconf.Prefix + name,
			Value: options.Text(new(string), refuseGoProperty),
			Help:  "Refused.",
		})
	}
	return table
}

func refuseGoProperty(string) error {
	return errors.New("would change how messages come from the client, which this input decides")
}

// checkInstanceID holds an id to the brokers' rule, which is that of topics.
// Fluent Bit puts nothing in the place of a variable that is not set, and the
// option is then not there at all.
func checkInstanceID(text string) error {
	if strings.Contains(text, "${") {
		return errors.New("has a variable that is not set")
	}
	if kafkaconf.CheckTopic(text) != nil {
		return errors.New("must be 1 to 249 letters, digits, dots, underscores and dashes, and not one or two dots only")
	}
	return nil
}

// apply sets librdkafka's properties.
func (c *groupConfig) apply(conf kafka.ConfigMap) {
	if c.InstanceID != "" {
		conf["group.instance.id"] = c.InstanceID
	}
	if c.Rack != "" {
		conf["client.rack"] = c.Rack
	}
	c.sessionTimeout = sessionTimeout
	if text, ok := conf["session.timeout.ms"].(string); ok {
		if ms, err := strconv.Atoi(text); err == nil {
			c.sessionTimeout = time.Duration(ms) * time.Millisecond
		}
	}
	if protocol, _ := conf["group.protocol"].(string); strings.EqualFold(protocol, "consumer") {
		// There the brokers assign, and librdkafka refuses to be told how.
		delete(conf, "partition.assignment.strategy")
	}
}

// membership words what the brokers say of a member that they do not take.
type membership struct {
	group, instance, strategy string
}

func (c *groupConfig) membership(conf kafka.ConfigMap) membership {
	m := membership{instance: c.InstanceID}
	m.group, _ = conf["group.id"].(string)
	m.strategy, _ = conf["partition.assignment.strategy"].(string)
	return m
}

// refused returns what an operator has to know about an error, or "" where it is
// none about the membership. Except for the first, which is fatal to the client,
// the client joins again by itself every few seconds.
func (m membership) refused(err kafka.Error) string {
	switch err.Code() {
	case kafka.ErrFencedInstanceID:
		return fmt.Sprintf("another member of group %s has taken over group_instance_id %s: each agent needs one of its own", m.group, m.instance)
	case kafka.ErrInconsistentGroupProtocol:
		return fmt.Sprintf("group %s has members that assign partitions in another way than %s, so this one cannot join, trying on; "+
			"set rdkafka.partition.assignment.strategy to theirs, such as range,roundrobin, or stop them", m.group, m.strategy)
	case kafka.ErrInvalidSessionTimeout:
		return "the brokers do not allow that session timeout, so this member cannot join, trying on; " +
			"bring rdkafka.session.timeout.ms between their group.min.session.timeout.ms and group.max.session.timeout.ms"
	case kafka.ErrGroupMaxSizeReached:
		return fmt.Sprintf("group %s has as many members as the brokers' group.max.size allows, so this one cannot join, trying on", m.group)
	case kafka.ErrInvalidGroupID:
		return fmt.Sprintf("the brokers do not take %s as a group's name; change group_id", m.group)
	}
	return ""
}
