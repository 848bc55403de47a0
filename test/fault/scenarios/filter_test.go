package scenarios_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// halves are filters that drop half of count records by what is in them: parts of every
// batch, and all of what comes late, of which no output sees anything.
var halves = []struct {
	name    string
	exclude string // a regular expression
	keeps   func(n int) bool
	within  time.Duration // has the group no lag after the last record
}{
	// Ten seconds after its last sign of life, what is left of a batch was filtered.
	{"drops every second", `number=\d*[02468];`, func(n int) bool { return n%2 == 1 }, 30 * time.Second},
	// An output that does nothing for a minute has nothing more to come.
	{"drops the later half", `number=[1-9]\d{` + digits + `};`, func(n int) bool { return n < filtered/2 }, 90 * time.Second},
}

// Half of the records are those with one digit more.
const (
	filtered = 20_000
	digits   = "4"
)

// Kafka to Loki with a filter that drops half: what survives is stored once, each, and the
// offsets of what does not are committed all the same.
func TestFilterDropsHalf(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("needs Fluent Bit: the stand-in has no filter grep")
		}
		ours := fault.Ours
		ours.Patience = "60s"
		for _, half := range halves {
			t.Run(half.name, func(t *testing.T) {
				t.Parallel()
				l := &lane{scenario: "filter " + half.name, plugins: ours, binary: host}
				name := uniqueName(t, l.plugins)
				k.CreateTopic(t, name, 4)
				l.fromTopic(t, k, name)
				l.store = fault.InLoki(loki, name)
				l.config = l.plugins.Config(
					l.plugins.FromKafka(k.Brokers(), name, name),
					fault.Drop("message", half.exclude),
					l.plugins.ToLoki(loki.Address(), name))
				l.start(t)
				l.send(t, filtered, 2000)
				l.sending.Wait()
				l.caughtUp(t, k, name, half.within)
				l.ledger = l.ledger.Only(half.keeps)
				v, ok := settle(t, []*lane{l})[l]
				if want := (fault.Verdict{Sent: filtered / 2, Stored: filtered / 2}); ok && v != want {
					t.Errorf("%+v, want %+v", v, want)
				}
			})
		}
	})
}

// Kafka to Loki behind a filter that rebuilds records without their metadata, and so without
// their origin, with an agent that is killed: slow, as nothing tells what was delivered but
// silence, and nothing is missing.
func TestFilterStripsMetadata(t *testing.T) {
	t.Parallel()
	k, loki := theKafka(t), theLoki(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("the filter is Fluent Bit's")
		}
		l := &lane{scenario: "filter strips metadata", plugins: fault.Ours, binary: host}
		name := uniqueName(t, l.plugins)
		k.CreateTopic(t, name, 4)
		l.fromTopic(t, k, name)
		l.store = fault.InLoki(loki, name)
		proxy := harness.StartProxy(t, loki.Address())
		l.config = l.plugins.Config(
			l.plugins.FromKafka(k.Brokers(), name, name, fault.ShortSession),
			fault.StripMetadata(),
			l.plugins.ToLoki(proxy.Address(), name))
		l.start(t)
		l.send(t, 20_000, 2000)
		l.flows(t)
		pass(t, time.Second)
		proxy.Cut()
		pass(t, 3*time.Second)
		l.host.Kill()
		proxy.Heal()
		l.start(t)
		l.sending.Wait()
		judge(t, []*lane{l})
		l.caughtUp(t, k, name, 3*time.Minute)
	})
}
