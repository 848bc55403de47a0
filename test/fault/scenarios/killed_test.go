package scenarios_test

import (
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

// Kafka to Loki, and the agent is killed at random moments, some of them before it has its
// partitions, and started again, while records flow all the time: offsets follow the
// delivery, so nothing is missing.
func TestAgentKilled(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	kills, records := form(20, 200), form(200_000, 2_000_000)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		lives := fault.Lives(killSeed(t), kills, 500*time.Millisecond, 4*time.Second)
		load := time.Second // beyond the last kill
		for _, life := range lives {
			load += life
		}
		all := lanes(t, "agent killed, Kafka to Loki", host, func(l *lane, name string) {
			k.CreateTopic(t, name, 4)
			l.fromTopic(t, k, name)
			l.store = fault.InLoki(loki, name)
			l.config = l.plugins.Config(
				l.plugins.FromKafka(k.Brokers(), name, name, fault.ShortSession),
				l.plugins.ToLoki(loki.Address(), name))
		})
		for _, l := range all {
			l.start(t)
			l.send(t, records, int(float64(records)/load.Seconds()))
		}
		for _, life := range lives {
			pass(t, life)
			for _, l := range all {
				l.host.Kill()
				l.start(t)
			}
		}
		judge(t, all)
	})
}
