package scenarios_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// Kafka to Loki with one agent that stays and others that come and go every few seconds, one
// in good order and one by a kill, while one broker of three after the other is killed and
// comes back: nothing is missing, and no committed offset ever goes back.
func TestMembersComeAndGo(t *testing.T) {
	k, loki := theKafka(t), theLoki(t)
	rounds, rate := form(2, 30), 2000
	const step = 3 * time.Second
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		l := &lane{scenario: "members come and go", plugins: fault.Ours, binary: host}
		name := uniqueName(t, l.plugins)
		k.CreateTopic(t, name, 6)
		l.fromTopic(t, k, name)
		l.store = fault.InLoki(loki, name)
		l.config = l.plugins.Config(
			l.plugins.FromKafka(k.Brokers(), name, name, fault.ShortSession, "commit_interval 500ms"),
			l.plugins.ToLoki(loki.Address(), name))
		l.start(t)
		// The time to start a broker comes on top: the load goes on while it is back.
		l.send(t, (rounds+1)*int(4*step.Seconds())*rate, rate)
		l.flows(t)
		committed := fault.Follow(k, name, name, 200*time.Millisecond)
		for i := range rounds {
			inGoodOrder := harness.StartHost(t, host, l.config)
			pass(t, step)
			killed := harness.StartHost(t, host, l.config)
			k.KillBroker(i % 3)
			pass(t, step)
			killed.Kill()
			pass(t, step)
			if code := inGoodOrder.Stop(t); code != 0 {
				t.Errorf("round %d: exit code %d after a graceful stop", i, code)
			}
			k.StartBroker(t, i%3)
			pass(t, step)
		}
		judge(t, []*lane{l})
		l.caughtUp(t, k, name, commitWithin)
		if moves, err := committed.Stop(); err != nil || moves < rounds {
			t.Errorf("commits were seen to move %d times, %v", moves, err)
		}
	})
}
