package e2e_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

var securedOnce = sync.OnceValues(func() (*harness.Kafka, error) {
	k, err := harness.NewKafka(harness.KafkaOptions{Secured: true})
	return keep(k, err)
})

// securedKafka is the one with TLS, SASL and ACLs, which the tests of security share.
func securedKafka(t *testing.T) *harness.Kafka {
	t.Helper()
	k, err := securedOnce()
	if err != nil {
		t.Fatalf("starting a secured kafka: %v", err)
	}
	harness.Watch(t, k)
	return k
}

// access is a way into a secured cluster: its listener, and a client's properties for it.
type access struct {
	listener   harness.SecureListener
	properties properties
}

// properties are options of an instance. Those with a dot are librdkafka's.
type properties map[string]string

// with is a copy with other values; an empty one takes a property out.
func (p properties) with(changes properties) properties {
	all := maps.Clone(p)
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}

// String is a section's lines.
func (p properties) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p)) {
		option := name
		if strings.Contains(name, ".") {
			option = "rdkafka." + name
		}
		b.WriteString("    " + option + " " + p[name] + "\n")
	}
	return b.String()
}

// The ways in, for clients that have everything right.

func overTLS(s *harness.KafkaSecurity) access {
	return access{harness.ListenTLS, properties{"security.protocol": "ssl", "ssl.ca.location": s.CA}}
}

func overMutualTLS(s *harness.KafkaSecurity) access {
	return access{harness.ListenMutualTLS, overTLS(s).properties.with(properties{
		"ssl.certificate.location": s.AgentCert, "ssl.key.location": s.AgentKey,
	})}
}

func overSASL(s *harness.KafkaSecurity, mechanism string) access {
	return access{harness.ListenSASL, overTLS(s).properties.with(properties{
		"security.protocol": "sasl_ssl", "sasl.mechanism": mechanism,
		"sasl.username": harness.KafkaAgent.Name, "sasl.password": harness.KafkaAgent.Password,
	})}
}

func overClearSASL(s *harness.KafkaSecurity, mechanism string) access {
	return access{harness.ListenSASLClear, overSASL(s, mechanism).properties.with(properties{
		"security.protocol": "sasl_plaintext", "ssl.ca.location": "",
	})}
}

// secureInput reads a topic as the group of its name.
func secureInput(k *harness.Kafka, a access, topic string) string {
	return "[INPUT]\n    Name tidegate_kafka\n    Alias in\n    Tag kafka\n    brokers " + k.SecureBrokers(a.listener) +
		"\n    topics " + topic + "\n    group_id " + topic + "\n" + a.properties.String()
}

// secureOutput writes to a topic what has a tag.
func secureOutput(k *harness.Kafka, a access, match, topic string) string {
	return "[OUTPUT]\n    Name tidegate_kafka\n    Alias out\n    Match " + match + "\n    brokers " + k.SecureBrokers(a.listener) +
		"\n    topic " + topic + "\n    flush_timeout 5s\n    Workers 2\n    Retry_Limit no_limits\n" + a.properties.String()
}
