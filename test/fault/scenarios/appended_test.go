package scenarios_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// Kafka to the built-in Loki output, which tells nobody what it delivered: offsets are
// committed when a record is in a chunk in the file system. Loki is away, and the agent is
// killed again and again: nothing is missing.
func TestAppendedToFiles(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	kills, rate := form(4, 40), 2000
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("storage in the file system is Fluent Bit's")
		}
		l := &lane{scenario: "commit appended, built-in output", plugins: fault.Ours, binary: host}
		name := uniqueName(t, l.plugins)
		k.CreateTopic(t, name, 4)
		l.fromTopic(t, k, name)
		l.store = fault.InLoki(loki, name)
		proxy := harness.StartProxy(t, loki.Address())
		l.config = l.plugins.Config(
			l.plugins.FromKafka(k.Brokers(), name, name, fault.ShortSession, "commit appended", "storage.type filesystem"),
			fault.BuiltIn.ToLoki(proxy.Address(), name))
		l.config.Service = map[string]string{"storage.path": t.TempDir()}

		lives := fault.Lives(killSeed(t), kills, 2*time.Second, 5*time.Second)
		load := 2 * time.Second
		for _, life := range lives {
			load += life
		}
		l.start(t)
		l.send(t, int(load.Seconds())*rate, rate)
		l.flows(t)
		proxy.Cut()
		for _, life := range lives {
			pass(t, life)
			l.host.Kill()
			l.start(t)
		}
		proxy.Heal()
		judge(t, []*lane{l})
		l.caughtUp(t, k, name, commitWithin)
		if proxy.Cuts() == 0 {
			t.Error("there was nothing to cut")
		}
	})
}
