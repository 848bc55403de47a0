package scenarios_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

const (
	backlogRecord = 2000 // bytes, about
	// What the agent takes beside max_in_flight. About 120 MB of it are there in any case: 8 MiB
	// and a fetch of each partition in the Kafka client, the outputs' buffers, programs and
	// libraries. The rest grows with max_in_flight, of which the agent has a copy in its
	// chunks and the collector leaves some garbage; so this holds up to 64 MiB of it.
	beside = 256 << 20
)

// inFlight is what may be in flight: the default in the long form, too.
var inFlight = form([]string{"32M"}, []string{"8M", "64M"})

// A backlog of many times what may be in flight, and Loki away: the agent reads no more than
// that, and its memory stays under it and a constant, then and while it catches up. Nothing
// is missing.
func TestBacklogInLittleMemory(t *testing.T) {
	k, loki := theKafka(t), theLoki(t)
	count := form(200<<20, 10<<30) / backlogRecord
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for _, most := range inFlight {
			limit := beside + megabytes(t, most)
			l := &lane{scenario: "backlog, max_in_flight " + most, plugins: fault.Ours, binary: host}
			name := uniqueName(t, l.plugins)
			k.CreateTopic(t, name, 4)
			source := l.fromTopic(t, k, name)
			source.Padding = backlogRecord - len(fault.AppendRecord(nil, 0))
			l.store = fault.InLoki(loki, name).LongLines(1500)
			proxy := harness.StartProxy(t, loki.Address())
			l.config = l.plugins.Config(
				l.plugins.FromKafka(k.Brokers(), name, name, "max_in_flight "+most),
				l.plugins.ToLoki(proxy.Address(), name))
			l.send(t, count, 0)
			l.sending.Wait()

			proxy.Cut()
			l.start(t)
			away := fault.Measure(l.host, 100*time.Millisecond)
			pass(t, form(10*time.Second, 2*time.Minute))
			l.within(t, "Loki away", away.Samples(), limit)
			back := fault.Measure(l.host, 100*time.Millisecond)
			proxy.Heal()
			judge(t, []*lane{l})
			l.within(t, "Loki back", back.Samples(), limit)
			l.caughtUp(t, k, name, commitWithin)
			l.host.Kill()
		}
	})
}

// megabytes reads a size as options are given it.
func megabytes(t *testing.T, size string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.TrimSuffix(size, "M"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n << 20
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
