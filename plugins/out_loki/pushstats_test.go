package outloki

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/httpsend"
	"github.com/tidegate/tidegate/common/plugin"
)

// Records may choose their tenant: the first 100 have series of their own, the rest are one,
// and nothing goes uncounted.
func TestTenantsAreBounded(t *testing.T) {
	registry := prometheus.NewRegistry()
	r := newReporter(plugin.Host{Log: slog.New(slog.DiscardHandler), Metrics: registry}, newMemory(&limits{}))
	const tenants, rounds, entries, bytes = 130, 2, 3, 50
	for range rounds {
		for i := range tenants {
			r.pushed(push{tenant: fmt.Sprint("t", i), entries: make([]entry, entries)}, bytes, time.Second, httpsend.Reply{Status: 204})
		}
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	value := map[string]map[string]float64{} // by family and tenant
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			tenant := labels["tenant"]
			if tenant == "" {
				continue // which defines the family
			}
			if labels["status"] != "204" {
				t.Errorf("%s: labels %v", f.GetName(), labels)
			}
			if value[f.GetName()] == nil {
				value[f.GetName()] = map[string]float64{}
			}
			value[f.GetName()][tenant] += m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	for family, each := range map[string]float64{
		"tidegate_loki_pushed_entries_total": entries, "tidegate_loki_pushed_bytes_total": bytes, "tidegate_loki_push_duration_seconds": 1,
	} {
		got := value[family]
		if len(got) != maxTenants+1 || got["t0"] != rounds*each || got["t99"] != rounds*each || got["t100"] != 0 || got[otherTenants] != (tenants-maxTenants)*rounds*each {
			t.Errorf("%s: %d series, %v", family, len(got), got)
		}
	}
}
