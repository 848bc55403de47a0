package scenarios_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// Files to Kafka, and one broker of three after the other is killed and comes back: nothing
// is missing. The topic has three replicas, of which two must have a message.
func TestBrokerKilled(t *testing.T) {
	k := theKafka(t)
	kills, away, rate := form(1, 60), 4*time.Second, 2000
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		all := lanes(t, "broker killed, files to Kafka", host, func(l *lane, name string) {
			input := l.fromFile(t)
			k.CreateTopic(t, name, 6)
			l.store = fault.InKafka(k, name)
			l.config = l.plugins.Config(input, l.plugins.ToKafka(k.Brokers(), name))
		})
		for _, l := range all {
			l.start(t)
			// The time to start a broker comes on top: the load goes on while it is back.
			l.send(t, kills*int(2*away.Seconds())*rate, rate)
		}
		for i := range kills {
			pass(t, time.Second)
			k.KillBroker(i % 3)
			pass(t, away)
			k.StartBroker(t, i%3)
		}
		judge(t, all)
	})
}
