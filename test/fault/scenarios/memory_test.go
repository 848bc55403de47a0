package scenarios_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

const (
	backlogRecord = 2000 // bytes, about
	// What the agent takes beside max_in_flight with Loki away. About 120 MB of it are there in
	// any case: 8 MiB and a fetch of each partition in the Kafka client, the outputs' buffers,
	// programs and libraries. The rest is the copy in the agent's chunks and what the last
	// flushes held, so this holds up to 64 MiB of max_in_flight.
	beside = 208 << 20
	// While it catches up, four flushes hold their chunks encoded and packed as well, and what is
	// delivered is garbage for a moment: three times max_in_flight, and this.
	besideThree = 176 << 20
	// What may be in flight above max_in_flight: the batches of one call into the client, and
	// what each takes.
	overFull = 6 << 20
)

// A backlog of many times what may be in flight, and Loki away: the agent reads no more than
// that, and its memory stays under it and a constant. While it catches up it has a bound too. Nothing
// is missing.
func TestBacklogInLittleMemory(t *testing.T) {
	k := harness.StartKafka(t, harness.KafkaOptions{}) // one broker: the long form takes its room on the disk once
	loki := theLoki(t)
	count := form(200<<20, 10<<30) / backlogRecord
	megabytes := form(32, 64) // the default in the long form
	inFlight := int64(megabytes) << 20
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		ours := fault.Ours
		ours.Patience = "10s" // the default
		l := &lane{scenario: fmt.Sprintf("backlog, max_in_flight %dMi", megabytes), plugins: ours, binary: host}
		name := uniqueName(t, l.plugins)
		k.CreateTopic(t, name, 4)
		source := l.fromTopic(t, k, name)
		source.Padding = backlogRecord - len(fault.AppendRecord(nil, 0))
		l.store = fault.InLoki(loki, name).LongLines()
		proxy := harness.StartProxy(t, loki.Address())
		l.config = l.plugins.Config(
			l.plugins.FromKafka(k.Brokers(), name, name, "alias source", fmt.Sprintf("max_in_flight %dMi", megabytes)),
			l.plugins.ToLoki(proxy.Address(), name))
		metrics := l.config.ServeMetrics(t)
		l.send(t, count, 0)
		l.sending.Wait()

		proxy.Cut()
		l.start(t)
		away := fault.Measure(l.host, 100*time.Millisecond)
		l.fills(t, metrics, inFlight)
		pass(t, form(10*time.Second, 2*time.Minute))
		l.fills(t, metrics, inFlight)
		l.within(t, "Loki away", away.Samples(), inFlight+beside)
		back := fault.Measure(l.host, 100*time.Millisecond)
		proxy.Heal()
		judge(t, []*lane{l})
		l.within(t, "Loki back", back.Samples(), 3*inFlight+besideThree)
		l.caughtUp(t, k, name, commitWithin)
	})
}

// fills waits until so much is in flight as may be, and demands that it is no more.
func (l *lane) fills(t *testing.T, metrics string, most int64) {
	t.Helper()
	var bytes float64
	harness.Eventually(t, time.Minute, l.scenario+": as much is in flight as may be", func() (err error) {
		bytes, err = harness.Sample(metrics, `tidegate_kafka_input_in_flight_bytes{name="source"}`)
		if err == nil && bytes < float64(most) {
			err = fmt.Errorf("%.0f bytes of %d are", bytes, most)
		}
		return err
	})
	harness.Progress("fault: %-31s %-34s %-9s in flight %.1f MB of %.1f", l.scenario, l.binary.Name, l.plugins.Name, bytes/1e6, float64(most)/1e6)
	if bytes > float64(most+overFull) {
		t.Errorf("%s: %.0f bytes are in flight, %d may be", l.scenario, bytes, most)
	}
}

// within demands that no sample takes more memory.
func (l *lane) within(t *testing.T, when string, samples []harness.Usage, most int64) {
	t.Helper()
	var peak int64
	for _, u := range samples {
		peak = max(peak, u.RSS)
	}
	harness.Progress("fault: %-31s %-34s %-9s %s: RSS at most %.1f MB of %.1f", l.scenario, l.binary.Name, l.plugins.Name,
		when, float64(peak)/1e6, float64(most)/1e6)
	if peak == 0 || peak > most {
		t.Errorf("%s, %s: RSS was %d, the limit is %d", l.scenario, when, peak, most)
	}
}
