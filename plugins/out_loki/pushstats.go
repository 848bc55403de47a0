package outloki

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/tidegate/tidegate/common/httpsend"
)

// pushStats are the metrics of pushes by tenant and status, and of streams.
type pushStats struct {
	pushSeconds    *prometheus.HistogramVec
	entries, bytes *prometheus.CounterVec
	newest, oldest prometheus.Gauge
	tenants        *tenantNames
}

// byTenant are the labels of pushes. status is that of HTTP, or none.
var byTenant = []string{"tenant", "status"}

func newPushStats(reg prometheus.Registerer, prefix string, m *memory) pushStats {
	with := promauto.With(reg)
	counter := func(name, help string) *prometheus.CounterVec {
		v := with.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, byTenant)
		v.WithLabelValues("", "") // which defines the family
		return v
	}
	gauge := func(name, help string) prometheus.Gauge {
		return with.NewGauge(prometheus.GaugeOpts{Name: prefix + name, Help: help})
	}
	with.NewGaugeFunc(prometheus.GaugeOpts{
		Name: prefix + "_active_streams", Help: "Streams that were sent to in the last 15 minutes.",
	}, func() float64 { return float64(m.active()) })
	s := pushStats{
		tenants: new(tenantNames),
		entries: counter("_pushed_entries_total", "Entries in pushes."),
		bytes:   counter("_pushed_bytes_total", "Bytes of pushes, compressed."),
		pushSeconds: with.NewHistogramVec(prometheus.HistogramOpts{
			Name: prefix + "_push_duration_seconds", Help: "How long pushes took.", Buckets: []float64{.005, .025, .1, .5, 1, 2.5, 5, 10, 30},
		}, byTenant),
		newest: gauge("_newest_entry_age_seconds", "Age of the newest entry of the last flush that delivered."),
		oldest: gauge("_oldest_entry_age_seconds", "Age of the oldest entry of the last flush that delivered."),
	}
	s.pushSeconds.WithLabelValues("", "")
	return s
}

func newDemoted(reg prometheus.Registerer, prefix string) *prometheus.CounterVec {
	v := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: prefix + "_demoted_labels_total", Help: "Streams of a chunk whose label left the labels, for it has too many values.",
	}, []string{"label"})
	v.WithLabelValues("") // which defines the family
	return v
}

// pushed counts a push.
func (r *reporter) pushed(p push, bytes int, took time.Duration, rep httpsend.Reply) {
	status := "none"
	if rep.Status != 0 {
		status = strconv.Itoa(rep.Status)
	}
	tenant := r.tenants.name(p.tenant)
	r.pushes.Seconds.Observe(took.Seconds())
	r.counts.SentBytes.Add(float64(bytes))
	r.pushSeconds.WithLabelValues(tenant, status).Observe(took.Seconds())
	r.bytes.WithLabelValues(tenant, status).Add(float64(bytes))
	r.entries.WithLabelValues(tenant, status).Add(float64(len(p.entries)))
}

// maxTenants bounds the series: records may choose their tenant.
const maxTenants = 100

// otherTenants stands for those beyond.
const otherTenants = "other"

// tenantNames are the tenants that have series of their own. The zero value is
// ready. It is safe for concurrent use.
type tenantNames struct {
	mu    sync.Mutex
	names map[string]bool
}

func (t *tenantNames) name(tenant string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.names[tenant] {
		return tenant
	}
	if len(t.names) >= maxTenants {
		return otherTenants
	}
	if t.names == nil {
		t.names = map[string]bool{}
	}
	t.names[tenant] = true
	return tenant
}
