package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// Two agents in a group, and again and again one of them is frozen for longer than its
// session, with records that Loki has and it does not know of: the other one has its
// partitions when it wakes up, gets the answers, and believes that it may commit. Nothing is
// missing, and no committed offset goes back.
func TestMemberFrozen(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	rounds, rate := form(2, 20), 2000
	const frozen, awake = 5 * time.Second, 5 * time.Second // a session lasts for 1.5 s
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		l := &lane{scenario: "member frozen", plugins: fault.Ours, binary: host}
		name := uniqueName(t, l.plugins)
		k.CreateTopic(t, name, 6)
		l.fromTopic(t, k, name)
		l.store = fault.InLoki(loki, name)
		way := harness.StartProxy(t, loki.Address())
		config := func(at string) harness.HostConfig {
			return l.plugins.Config(
				l.plugins.FromKafka(k.Brokers(), name, name, fault.ShortSession, "commit_interval 500ms"),
				l.plugins.ToLoki(at, name))
		}
		l.config = config(way.Address())
		l.start(t)
		l.send(t, (rounds+1)*int((frozen+2*awake).Seconds())*rate, rate)
		l.flows(t)
		committed := fault.Follow(k, name, name, 200*time.Millisecond)
		beside := harness.StartHost(t, host, config(loki.Address()))
		beside.WaitLog(t, `partitions assigned.*\[`, time.Minute)
		for round := range rounds {
			pass(t, awake)
			way.Mute()
			pass(t, time.Second)
			l.host.Freeze(t)
			pass(t, frozen)
			way.Heal()
			l.host.Thaw(t)
			l.says(t, "lost=true", round+1)
			l.says(t, "partitions assigned", round+2)
		}
		judge(t, []*lane{l})
		l.caughtUp(t, k, name, commitWithin)
		if moves, err := committed.Stop(); err != nil || moves < rounds {
			t.Errorf("commits were seen to move %d times, %v", moves, err)
		}
	})
}

// says waits for so many lines in the agent's log.
func (l *lane) says(t *testing.T, text string, times int) {
	t.Helper()
	harness.Eventually(t, time.Minute, l.scenario+": "+text, func() error {
		if n := strings.Count(l.host.Log(), text); n < times {
			return fmt.Errorf("said %d times of %d", n, times)
		}
		return nil
	})
}
