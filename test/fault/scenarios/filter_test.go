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
			dropEachSecond(t, k, loki, host)
			return
		}
		for _, half := range halves {
			t.Run(half.name, func(t *testing.T) {
				t.Parallel()
				l := throughFilter(t, k, loki, host, half.name, fault.Drop("message", half.exclude), half.within)
				l.ledger = l.ledger.Only(half.keeps)
				v, ok := settle(t, []*lane{l})[l]
				if want := (fault.Verdict{Sent: filtered / 2, Stored: filtered / 2}); ok && v != want {
					t.Errorf("%+v, want %+v", v, want)
				}
			})
		}
	})
}

// dropEachSecond is for the stand-in, whose filter goes by what came before, and not by what
// is in a record: which are stored, is the filter's affair.
func dropEachSecond(t *testing.T, k *harness.Kafka, loki *harness.Loki, host harness.HostBinary) {
	t.Helper()
	l := throughFilter(t, k, loki, host, "drops each second", fault.DropEach("2"), 30*time.Second)
	v, ok := settle(t, []*lane{l})[l]
	v.Gaps = ""
	if want := (fault.Verdict{Sent: filtered, Stored: filtered / 2, Missing: filtered / 2}); ok && v != want {
		t.Errorf("%+v, want %+v", v, want)
	}
}

// throughFilter sends records through an agent with a filter, until all are committed.
func throughFilter(t *testing.T, k *harness.Kafka, loki *harness.Loki, host harness.HostBinary, name, filter string, within time.Duration) *lane {
	t.Helper()
	ours := fault.Ours
	ours.Patience = "60s"
	l := &lane{scenario: "filter " + name, plugins: ours, binary: host}
	topic := uniqueName(t, l.plugins)
	k.CreateTopic(t, topic, 4)
	l.fromTopic(t, k, topic)
	l.store = fault.InLoki(loki, topic)
	l.config = l.plugins.Config(
		l.plugins.FromKafka(k.Brokers(), topic, topic),
		filter,
		l.plugins.ToLoki(loki.Address(), topic))
	l.start(t)
	l.send(t, filtered, 2000)
	l.sending.Wait()
	l.caughtUp(t, k, topic, within)
	return l
}
