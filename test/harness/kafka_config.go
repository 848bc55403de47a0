package harness

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/test/tokenserver"
)

// KafkaOptions says what cluster a test wants. The zero value is one broker.
type KafkaOptions struct {
	Brokers    int                 // 1 or 3; 0 means 1
	Partitions int                 // of a topic created without a number; 0 means 1
	Properties map[string]string   // broker properties on top of the harness's own
	Racks      bool                // each broker is in a rack of its own, see Rack; clients fetch from the nearest replica
	Proxied    bool                // a second way to each broker, see ProxiedBrokers
	Secured    bool                // listeners with TLS and SASL, and ACLs: see Security
	Tokens     *tokenserver.Server // with Secured: listeners that take its tokens, too
}

// properties of one broker, which is also a controller (KRaft combined mode). Topics are
// never created by asking for them: a test that misspells one is to fail.
func (b *broker) properties(all []*broker, o KafkaOptions) map[string]string {
	voters := make([]string, len(all))
	for i, v := range all {
		voters[i] = fmt.Sprintf("%d@127.0.0.1:%d", v.id, v.controllerPort)
	}
	replicas := strconv.Itoa(len(all))
	inSync := strconv.Itoa(len(all)/2 + 1)
	p := map[string]string{
		"node.id":                                  strconv.Itoa(b.id),
		"process.roles":                            "broker,controller",
		"controller.quorum.voters":                 strings.Join(voters, ","),
		"controller.listener.names":                "CONTROLLER",
		"listeners":                                fmt.Sprintf("PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d", b.port, b.controllerPort),
		"advertised.listeners":                     fmt.Sprintf("PLAINTEXT://127.0.0.1:%d", b.port),
		"listener.security.protocol.map":           "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
		"log.dirs":                                 b.data,
		"auto.create.topics.enable":                "false",
		"num.partitions":                           strconv.Itoa(max(1, o.Partitions)),
		"default.replication.factor":               replicas,
		"min.insync.replicas":                      inSync,
		"offsets.topic.num.partitions":             "4", // 50 by default: most of the time a first group member waits
		"offsets.topic.replication.factor":         replicas,
		"transaction.state.log.num.partitions":     "4",
		"transaction.state.log.replication.factor": replicas,
		"transaction.state.log.min.isr":            inSync,
		"group.initial.rebalance.delay.ms":         "0",  // 3 s by default, spent in every test
		"log.retention.ms":                         "-1", // what tests write can be years old, and would go at the broker's next look, after 30 s or five minutes
	}
	if len(all) > 1 {
		// A killed broker loses its leaderships when its session ends, after 9 s by default.
		p["broker.heartbeat.interval.ms"] = "500"
		p["broker.session.timeout.ms"] = "3000"
	}
	if o.Racks {
		p["broker.rack"] = rackOf(b.id)
		p["replica.selector.class"] = "org.apache.kafka.common.replica.RackAwareReplicaSelector"
	}
	if b.proxy != nil {
		addListener(p, "PROXIED", "PLAINTEXT", b.far, b.proxy.Address())
	}
	if b.secure != nil {
		b.addSecurity(p)
		if o.Tokens != nil {
			addTokens(p, o.Tokens)
		}
	}
	maps.Copy(p, o.Properties)
	return p
}

// rackOf names the rack of a broker.
func rackOf(id int) string { return fmt.Sprintf("rack-%d", id) }

// addListener adds one more way to a broker, which tells its clients to come back by it, at
// the advertised address.
func addListener(p map[string]string, name, protocol string, port int, advertised string) {
	p["listeners"] += fmt.Sprintf(",%s://127.0.0.1:%d", name, port)
	p["advertised.listeners"] += fmt.Sprintf(",%s://%s", name, advertised)
	p["listener.security.protocol.map"] += fmt.Sprintf(",%s:%s", name, protocol)
}

// writeProperties writes them as a Java properties file.
func writeProperties(path string, p map[string]string) error {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(p)) {
		fmt.Fprintf(&b, "%s=%s\n", k, strings.ReplaceAll(p[k], `\`, `\\`))
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
