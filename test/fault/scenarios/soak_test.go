package scenarios_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

const (
	soakRate    = 20_000 // records a second
	soakSamples = 180    // of what the agent takes, over the whole run
)

// soakGrowth is what the last third may take more than the second. The long form is the one
// that tells: in a few seconds Go's collector alone moves the memory by a good part, and
// its scheduler still starts threads.
var soakGrowth = form(fault.Growth{RSS: 0.5, Count: 8}, fault.Growth{RSS: 0.03})

// soakLate is how much longer than planned the load may take, as a factor: on a machine
// that does not bear it, the soak says nothing.
var soakLate = form(2.0, 1.1)

// Kafka to Loki under a steady load: every record is there, and the agent takes no more at
// the end than in the middle.
func TestSoak(t *testing.T) {
	k := harness.StartKafka(t, harness.KafkaOptions{})
	loki := theLoki(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		l := &lane{scenario: "soak, Kafka to Loki", plugins: fault.Ours, binary: host}
		name := uniqueName(t, l.plugins)
		k.CreateTopic(t, name, 4)
		l.fromTopic(t, k, name)
		l.store = fault.InLoki(loki, name)
		l.config = l.plugins.Config(
			l.plugins.FromKafka(k.Brokers(), name, name),
			l.plugins.ToLoki(loki.Address(), name))
		l.start(t)

		load := soakTime(t)
		begin := time.Now()
		l.send(t, int(load.Seconds()*soakRate), soakRate)
		gauge := fault.Measure(l.host, load/soakSamples)
		l.sending.Wait()
		took := time.Since(begin)
		samples := gauge.Samples()
		if took.Seconds() > load.Seconds()*soakLate {
			t.Errorf("the load took %s, not %s: this machine is too slow for it", took, load)
		}
		judge(t, []*lane{l})
		reportSoak(t, l, samples, took)
	})
}

// reportSoak tells what the agent took and demands that it was steady.
func reportSoak(t *testing.T, l *lane, samples []harness.Usage, took time.Duration) {
	t.Helper()
	phases := fault.InThirds(samples)
	end, err := l.host.Usage()
	if err != nil {
		t.Fatal(err)
	}
	perRecord := float64(end.CPU.Nanoseconds()) / float64(l.ledger.Safe())
	harness.Progress("fault: %-31s %-34s %-9s %s; by thirds: %s; %.2f µs of CPU a record",
		l.scenario, l.binary.Name, l.plugins.Name, took.Round(time.Second), phases, perRecord/1000)
	if err := phases.Steady(soakGrowth); err != nil {
		t.Errorf("%s: %v", l.plugins.Name, err)
	}
	if l.host.Exited() {
		t.Error("the agent has ended")
	} else if code := l.host.Stop(t); code != 0 {
		t.Errorf("exit code %d after a graceful stop", code)
	}
}
