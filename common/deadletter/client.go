package deadletter

import (
	"iter"
	"strings"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/kafkaconf"
	"github.com/tidegate/tidegate/common/kafkatoken"
	"github.com/tidegate/tidegate/common/plugin"
)

// Cluster is where a topic is.
type Cluster struct {
	Brokers  []string
	ClientID string
	// Properties are librdkafka's, such as those of TLS and SASL: those that
	// producers know, see kafkaconf.Properties.For.
	Properties iter.Seq2[string, string]
	// Tokens makes what keeps one producer in tokens for SASL OAUTHBEARER, see
	// kafkaconf.Properties.Tokens. It returns nil where none are needed, and may be
	// nil itself.
	Tokens func() (*kafkatoken.Refresher, error)
}

// client is what a Topic needs of a producer.
type client interface {
	Produce(m *kafka.Message, reports chan kafka.Event) error
	Events() chan kafka.Event
	// Refresh answers a kafka.OAuthBearerTokenRefresh, and does not block.
	Refresh()
	Close()
}

// producer is a Kafka client whose log lines go to the agent's log.
type producer struct {
	*kafka.Producer
	tokens *kafkatoken.Refresher // nil where it needs none
	stop   chan struct{}
	logged <-chan struct{}
}

func (c Cluster) dial(host plugin.Host, conf kafka.ConfigMap) (client, error) {
	var tokens *kafkatoken.Refresher
	if c.Tokens != nil {
		var err error
		if tokens, err = c.Tokens(); err != nil {
			return nil, err
		}
	}
	p, err := kafka.NewProducer(&conf)
	if err != nil {
		return nil, err
	}
	stop := make(chan struct{})
	logged := host.Go("dead letters' client log", func() { kafkaconf.LogClient(host.Log, p.Logs(), stop) })
	return &producer{Producer: p, tokens: tokens, stop: stop, logged: logged}, nil
}

// Refresh implements client.
func (p *producer) Refresh() { p.tokens.Refresh(p.Producer) }

// Close gives up what is under way.
func (p *producer) Close() {
	p.tokens.Close()
	p.Producer.Close()
	close(p.stop)
	<-p.logged
}

// batchSize is far below the limits of most topics, so that hardly ever one
// refuses a batch whose letters are all small enough. A letter that is larger
// has a batch of its own.
const batchSize = 128 << 10

// owned are the properties that a Topic sets itself, and why an operator cannot.
var owned = map[string]string{
	"bootstrap.servers":          "is set by dead_letter_brokers",
	"metadata.broker.list":       "is set by dead_letter_brokers",
	"transactional.id":           "has no use here: dead letters are not written in transactions",
	"delivery.report.only.error": "would hide which dead letters arrived",
	"acks":                       "is always all: a dead letter may be the last copy",
	"request.required.acks":      "is always all: a dead letter may be the last copy",
	"enable.idempotence":         "is always true: without it, the client's own retries double dead letters",
	"batch.size":                 "is always 128 KiB, so that few letters share the fate of one that a broker refuses",
	"message.timeout.ms":         "is always 0: dead letters are sent until they arrive",
	"delivery.timeout.ms":        "is always 0: dead letters are sent until they arrive",
}

// config is librdkafka's configuration: our defaults, then what is passed
// through, then what must not be changed.
func (c Cluster) config() kafka.ConfigMap {
	conf := kafka.ConfigMap{
		// The topic's limit decides. This one is only below the 100 MB at which
		// brokers, instead of an answer, end the connection.
		"message.max.bytes": 64 << 20,
		// How long a topic that is not there may still be on its way, and how soon
		// one is found that is made later. The client's own 30 seconds and five
		// minutes are long for an operator who is just making it.
		"topic.metadata.propagation.max.ms":  5_000,
		"topic.metadata.refresh.interval.ms": 10_000,
	}
	if c.Properties != nil {
		for name, value := range c.Properties {
			conf[name] = value
		}
	}
	// Other names of what is set below.
	for _, name := range []string{"delivery.timeout.ms", "request.required.acks", "metadata.broker.list"} {
		delete(conf, name)
	}
	conf["bootstrap.servers"] = strings.Join(c.Brokers, ",")
	if c.ClientID != "" {
		conf["client.id"] = c.ClientID
	}
	conf["acks"] = "all"
	conf["enable.idempotence"] = true
	conf["message.timeout.ms"] = 0
	conf["batch.size"] = batchSize
	conf["go.logs.channel.enable"] = true
	conf["go.delivery.report.fields"] = "none"
	conf["go.events.channel.size"] = 100
	conf["go.produce.channel.size"] = 0
	return conf
}
