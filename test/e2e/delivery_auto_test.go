package e2e_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// With commit auto the client commits what was read, on its interval: records arrive, and an
// agent that is killed goes on behind them.
func TestCommitAuto(t *testing.T) {
	k := kafkaAlone(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		timed{count: 3000, partitions: 3}.produce(t, k, topic)
		first := startReading(t, host, k, topic, topic, "commit auto", quickSession)
		first.wantFrom(t, 0, 3000)
		waitAllCommitted(t, k, topic, topic)
		first.Kill()
		timed{first: 3000, count: 300, partitions: 3}.produce(t, k, topic)
		second := startReading(t, host, k, topic, topic, "commit auto", quickSession)
		second.wantFrom(t, 3000, 3300)
		stop(t, second.Host)
		checkCommitted(t, k, topic, topic)
	})
}

// With commit auto offsets are committed whatever becomes of the records: here no output can
// deliver any. With the default nothing is.
func TestCommitAutoWaitsForNobody(t *testing.T) {
	k := kafkaAlone(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		timed{count: 300, partitions: 3}.produce(t, k, topic)
		waits := harness.StartHost(t, host, harness.HostConfig{Pipeline: ackPipeline(k.Brokers(), topic, topic+"-waits", "commit delivered", ackLoki)})
		auto := harness.StartHost(t, host, harness.HostConfig{Pipeline: ackPipeline(k.Brokers(), topic, topic, "commit auto", ackLoki)})
		auto.WaitLog(t, `partitions assigned`, time.Minute)
		waits.WaitLog(t, `partitions assigned`, time.Minute)
		waitAllCommitted(t, k, topic, topic)
		if n := countOf(k.CommittedOffsets(t, topic+"-waits", topic)); n != 0 {
			t.Errorf("commit delivered: %d records are committed, and none is delivered", n)
		}
		auto.Kill()
		waits.Kill()
	})
}
