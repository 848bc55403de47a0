package outkafka

import (
	"errors"
	"fmt"
	"strings"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkaconf"
)

// owned are librdkafka's properties that this output sets itself, and why an
// operator cannot.
var owned = map[string]string{
	"bootstrap.servers":          "is set by brokers",
	"metadata.broker.list":       "is set by brokers",
	"client.id":                  "is set by client_id",
	"transactional.id":           "has no use here: chunks are not written in transactions",
	"delivery.report.only.error": "would hide which records were delivered",
}

// checkPromise refuses what would make OK mean less than that the brokers have
// every record.
func (c *Config) checkPromise() error {
	var errs []error
	for name, value := range c.rdkafka.All() {
		switch name {
		case "acks", "request.required.acks":
			if value != "all" && value != "-1" {
				errs = append(errs, fmt.Errorf("%s%s %q must be all, the default: with less, records would count as delivered that a broker can still lose", kafkaconf.Prefix, name, value))
			}
		case "enable.idempotence":
			if !strings.EqualFold(value, "true") && value != "1" {
				errs = append(errs, fmt.Errorf("%s%s %q must be true, the default: without it, the client's own retries double and reorder records", kafkaconf.Prefix, name, value))
			}
		}
	}
	return errors.Join(errs...)
}

// clientConfig is librdkafka's configuration: our defaults, then what is
// passed through, then what must not be changed.
func (c *Config) clientConfig() kafka.ConfigMap {
	conf := kafka.ConfigMap{
		// A message that timed out may have been written all the same, and a
		// retry would write it again. Without a limit its report comes in the
		// end, and until then flushes answer RETRY.
		"message.timeout.ms": 0,
		// In KiB, all messages in the client. librdkafka's GiB is too much
		// beside the agent's own buffer.
		"queue.buffering.max.kbytes": 128 << 10,
	}
	for name, value := range c.rdkafka.All() {
		if name == "delivery.timeout.ms" {
			name = "message.timeout.ms" // its other name, which must not meet the default
		}
		conf[name] = value
	}
	conf["bootstrap.servers"] = strings.Join(c.brokers, ",")
	conf["client.id"] = c.clientID
	conf["acks"] = "all"
	conf["enable.idempotence"] = true
	conf["go.logs.channel.enable"] = true
	// Reports tell by themselves whose they are.
	conf["go.delivery.report.fields"] = "none"
	// Only errors come this way, and a goroutine takes them. The client's own
	// sizes would take 24 MB.
	conf["go.events.channel.size"] = 1000
	conf["go.produce.channel.size"] = 0
	return conf
}

// aloneConfig is that of a client which puts every message in a batch of its
// own.
func (c *Config) aloneConfig() kafka.ConfigMap {
	conf := c.clientConfig()
	conf["batch.num.messages"] = 1
	return conf
}
