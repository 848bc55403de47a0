package scenarios_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// tightLimits are far below what the agents send: Loki answers 429, to a push above the
// burst each time.
var tightLimits = map[string]float64{"ingestion_rate_mb": 0.05, "ingestion_burst_size_mb": 0.4}

// Files to a Loki whose own limits refuse most pushes for a while: nothing is missing.
func TestLokiLimits(t *testing.T) {
	t.Parallel()
	loki := theLoki(t)
	count := form(20_000, 1_000_000)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		tenants := map[*lane]string{}
		all := lanes(t, "429 for a while, files to Loki", host, func(l *lane, name string) {
			input := l.fromFile(t)
			tenants[l] = name
			loki.SetLimits(t, name, tightLimits)
			l.store = fault.InLoki(loki, name)
			l.config = l.plugins.Config(input, l.plugins.ToLoki(loki.Address(), name))
		})
		for _, l := range all {
			l.start(t)
			l.send(t, count, 0)
		}
		pass(t, form(4*time.Second, 10*time.Minute))
		for l, tenant := range tenants {
			discarded, err := loki.Discarded(tenant)
			if err != nil {
				t.Fatal(err)
			}
			copies, err := l.store.Read() // what Loki counts holds pushes too that came to nothing
			if err != nil {
				t.Fatal(err)
			}
			if stored := fault.Judge(l.ledger, copies).Stored; discarded == 0 || stored >= count {
				t.Errorf("%s: %d stored, %d refused: the limits were no limit", l.plugins.Name, stored, discarded)
			}
			loki.SetLimits(t, tenant, nil)
		}
		judge(t, all)
	})
}
