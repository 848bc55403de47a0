package scenarios_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// killSeed chooses the moments; TIDEGATE_SEED sets another.
func killSeed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("TIDEGATE_SEED")
	if text == "" {
		return 1
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("TIDEGATE_SEED: %v", err)
	}
	return seed
}

const (
	// killsPerCommit is how many kills there may be between two commits.
	killsPerCommit = 4
	// killsPerGrowth is one in how many kills has to fall amid delivery at least.
	killsPerGrowth = 4
)

// Kafka to Loki, and the agent is killed at random moments, some of them before it has its
// partitions, others in the middle of the work, and started again, while records flow all the
// time: offsets follow the delivery, so nothing is missing, and no committed offset goes back.
func TestAgentKilled(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	kills, records := form(20, 200), form(200_000, 2_000_000)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		lives := fault.Lives(killSeed(t), kills, 500*time.Millisecond, 4*time.Second)
		load := 10 * time.Second // until the first records are there, and beyond the last kill
		for _, life := range lives {
			load += life
		}
		topics := map[*lane]string{} // and groups
		all := lanes(t, "agent killed, Kafka to Loki", host, func(l *lane, name string) {
			k.CreateTopic(t, name, 4)
			l.fromTopic(t, k, name)
			topics[l] = name
			l.store = fault.InLoki(loki, name)
			l.plugins.Patience = "10s" // the default: beside other scenarios Loki takes longer than a short one
			l.config = l.plugins.Config(
				l.plugins.FromKafka(k.Brokers(), name, name, fault.ShortSession),
				l.plugins.ToLoki(loki.Address(), name))
		})
		for _, l := range all {
			l.start(t)
			l.send(t, records, int(float64(records)/load.Seconds()))
		}
		for _, l := range all {
			l.flows(t)
		}
		ours := all[0]
		committed := fault.Follow(k, topics[ours], topics[ours], 200*time.Millisecond)
		amid := growths{of: ours.store}
		for i, life := range lives {
			pass(t, life)
			// On a slow machine an agent may never live for long enough to commit: every fourth does.
			harness.Eventually(t, 2*time.Minute, "offsets are committed between two kills", func() error {
				if moves, enough := committed.Moves(), (i+1)/killsPerCommit; moves < enough {
					return fmt.Errorf("%d of %d times so far", moves, enough)
				}
				return nil
			})
			amid.look(t)
			for _, l := range all {
				l.host.Kill()
				l.start(t)
			}
		}
		judge(t, all)
		ours.caughtUp(t, k, topics[ours], commitWithin)
		// An agent that lives for less than the session of the one before it delivers nothing.
		harness.Progress("fault: %-31s %-34s %-9s %d of %d kills fell amid delivery", ours.scenario, host.Name, ours.plugins.Name, amid.count, kills)
		if amid.count < kills/killsPerGrowth {
			t.Errorf("%d of %d kills fell amid delivery", amid.count, kills)
		}
		moves, err := committed.Stop()
		harness.Progress("fault: %-31s %-34s %-9s commits were seen to move %d times", ours.scenario, host.Name, ours.plugins.Name, moves)
		if err != nil || moves < kills/killsPerCommit {
			t.Errorf("commits were seen to move %d times, %v", moves, err)
		}
	})
}

// growths counts the looks that found more in a store than the look before.
type growths struct {
	of    fault.Store
	last  int
	count int
}

func (g *growths) look(t *testing.T) {
	t.Helper()
	n, err := g.of.Len()
	if err != nil {
		t.Fatal(err)
	}
	if n > g.last {
		g.last = n
		g.count++
	}
}
