package scenarios_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// Kafka to Loki and to LogTide, both of which have to have a record before its offset is
// committed. One of them is away when the agent is killed, the other has gone on: nothing is
// missing in either.
func TestFanOut(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	kills, rate := form(4, 40), 2000
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		l := &lane{scenario: "fan-out, Kafka to Loki", plugins: fault.Ours, binary: host}
		name := uniqueName(t, l.plugins)
		k.CreateTopic(t, name, 4)
		l.fromTopic(t, k, name)
		l.store = fault.InLoki(loki, name)
		toLoki := harness.StartProxy(t, loki.Address())
		tide := logtide.Start(t)
		toTide := harness.StartProxy(t, strings.TrimPrefix(tide.URL, "http://"))
		l.config = l.plugins.Config(
			// What the one that is away keeps in flight stops the reading after a few seconds.
			l.plugins.FromKafka(k.Brokers(), name, name, fault.ShortSession, "ack_from tidegate_loki,tidegate_logtide", "max_in_flight 4M"),
			l.plugins.ToLoki(toLoki.Address(), name),
			fault.ToLogTide(toTide.Address(), logtide.DefaultKey))
		other := &lane{
			scenario: "fan-out, Kafka to LogTide", plugins: l.plugins, binary: host,
			ledger: l.ledger, store: fault.InLogTide(tide.Handler),
		}

		lives := fault.Lives(killSeed(t), kills, 3*time.Second, 6*time.Second)
		load := 2 * time.Second
		for _, life := range lives {
			load += life + life/2
		}
		l.start(t)
		l.send(t, int(load.Seconds())*rate, rate)
		l.flows(t)
		for i, life := range lives {
			away := []*harness.Proxy{toTide, toLoki}[i%2]
			away.Cut()
			pass(t, life)
			l.host.Kill()
			l.start(t)
			pass(t, life/2) // the next one begins without its server
			away.Heal()
		}
		l.sending.Wait()
		// One after the other: what one server is slow to take keeps the reading back for both.
		judge(t, []*lane{l})
		judge(t, []*lane{other})
		l.caughtUp(t, k, name, commitWithin)
		if toLoki.Cuts() == 0 || toTide.Cuts() == 0 {
			t.Errorf("%d and %d connections were cut", toLoki.Cuts(), toTide.Cuts())
		}
	})
}
