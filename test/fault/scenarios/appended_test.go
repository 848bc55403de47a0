package scenarios_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// builtInOutputs tell nobody what they delivered.
var builtInOutputs = []struct {
	name  string
	store func(t *testing.T, topic string) (at fault.Store, address string)
	to    func(address, topic string) string
}{
	{
		"loki",
		func(t *testing.T, topic string) (fault.Store, string) {
			loki := theLoki(t)
			return fault.InLoki(loki, topic), loki.Address()
		},
		func(address, topic string) string { return fault.BuiltIn.ToLoki(address, topic) },
	},
	{
		"http",
		func(t *testing.T, _ string) (fault.Store, string) {
			server := fault.StartHTTPStore(t)
			return server, server.Address()
		},
		func(address, _ string) string { return fault.ToHTTP(address) },
	},
}

// Kafka to a built-in output: offsets are committed when a record is in a chunk in the file
// system. The server is away, and the agent is killed again and again, and once more while it
// sends what it has on the disk: nothing is missing, and no committed offset goes back.
func TestAppendedToFiles(t *testing.T) {
	t.Parallel()
	k := theKafka(t)
	kills, rate := form(4, 40), 2000
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("storage in the file system is Fluent Bit's")
		}
		for _, output := range builtInOutputs {
			t.Run(output.name, func(t *testing.T) {
				t.Parallel()
				l := &lane{scenario: "commit appended, built-in " + output.name, plugins: fault.Ours, binary: host}
				name := uniqueName(t, l.plugins)
				k.CreateTopic(t, name, 4)
				l.fromTopic(t, k, name)
				store, address := output.store(t, name)
				l.store = store
				proxy := harness.StartProxy(t, address)
				l.config = l.plugins.Config(
					l.plugins.FromKafka(k.Brokers(), name, name, fault.ShortSession, "commit appended", "storage.type filesystem"),
					output.to(proxy.Address(), name))
				l.config.Service = map[string]string{"storage.path": t.TempDir()}

				lives := fault.Lives(killSeed(t), kills, 2*time.Second, 5*time.Second)
				load := 2 * time.Second
				for _, life := range lives {
					load += life
				}
				l.start(t)
				l.send(t, int(load.Seconds())*rate, rate)
				l.flows(t)
				committed := fault.Follow(k, name, name, 200*time.Millisecond)
				proxy.Cut()
				for _, life := range lives {
					pass(t, life)
					l.host.Kill()
					l.start(t)
				}
				before, err := l.store.Len()
				if err != nil {
					t.Fatal(err)
				}
				proxy.Heal()
				l.more(t, before)
				l.host.Kill()
				l.start(t)
				judge(t, []*lane{l})
				l.caughtUp(t, k, name, commitWithin)
				if moves, err := committed.Stop(); err != nil || moves == 0 {
					t.Errorf("commits were seen to move %d times, %v", moves, err)
				}
				if proxy.Cuts() == 0 {
					t.Error("there was nothing to cut")
				}
			})
		}
	})
}
