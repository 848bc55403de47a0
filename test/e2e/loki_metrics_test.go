package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// A real agent's metrics tell of pushes by tenant and status, of streams, of the age of what
// was sent, and of what the limits changed.
func TestLokiMetrics(t *testing.T) {
	l := harness.StartLoki(t, harness.LokiOptions{AuthEnabled: true, Limits: openLimits})
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		var records strings.Builder
		for n := range 12 {
			tenant, filler := "a", ""
			if n%3 == 0 {
				tenant = "b"
			}
			if n == 5 {
				filler = strings.Repeat("x", 2000)
			}
			fmt.Fprintf(&records, "{\"n\":%d,\"tenant\":%q,\"id\":\"id-%d\",\"m\":%q}\n", n, tenant, n, filler)
		}
		file := filepath.Join(t.TempDir(), "app.log")
		if err := os.WriteFile(file, []byte(records.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		output := func(alias, url string) string {
			return fmt.Sprintf(`[OUTPUT]
    Name               tidegate_loki
    Alias              %s
    Match              *
    url                %s
    labels             job=%s,id=$log['id']
    tenant_id_key      $log['tenant']
    label_cardinality  4
    max_line_size      1K
    line_format        raw
    line_key           log
    Retry_Limit        no_limits
`, alias, url, job)
		}
		port := harness.FreePort(t)
		h := harness.StartHost(t, host, harness.HostConfig{
			Service: map[string]string{"http_server": "on", "http_listen": "127.0.0.1", "http_port": strconv.Itoa(port)},
			Pipeline: "[INPUT]\n    Name tail\n    Path " + file + "\n    Read_from_Head on\n" +
				output("store", l.URL) + output("nobody", "http://127.0.0.1:1"),
		})
		url := fmt.Sprintf("http://127.0.0.1:%d/api/v2/metrics/prometheus", port)
		for series, want := range map[string]float64{
			`tidegate_loki_pushed_entries_total{name="store",status="204",tenant="a"}`: 8,
			`tidegate_loki_pushed_entries_total{name="store",status="204",tenant="b"}`: 4,
			// Of three streams, each alone since it is new.
			`tidegate_loki_push_duration_seconds_count{name="store",status="204",tenant="b"}`: 3,
			`tidegate_loki_delivered_records_total{name="store"}`:                             12,
			`tidegate_loki_changed_records_total{name="store",reason="line_cut"}`:             1,
			`tidegate_loki_changed_records_total{name="store",reason="label_demoted"}`:        8,
			`tidegate_loki_demoted_labels_total{name="store",label="id"}`:                     8,
			// Four values of the label, and what has none for each tenant.
			`tidegate_loki_active_streams{name="store"}`: 6,
		} {
			waitSample(t, url, series, want)
		}
		for _, series := range []string{ // whose values depend on the run
			`tidegate_loki_pushed_bytes_total{name="store",status="204",tenant="a"}`,
			`tidegate_loki_push_duration_seconds_sum{name="store",status="204",tenant="a"}`,
			`tidegate_loki_pushed_entries_total{name="nobody",status="none",tenant="a"}`,
			`tidegate_loki_push_duration_seconds_count{name="nobody",status="none",tenant="b"}`,
			`tidegate_loki_newest_entry_age_seconds{name="store"}`,
			`tidegate_loki_oldest_entry_age_seconds{name="store"}`,
		} {
			harness.Eventually(t, 30*time.Second, series, func() error {
				got, err := harness.Sample(url, series)
				if err == nil && got <= 0 {
					err = fmt.Errorf("%v, want more than 0", got)
				}
				return err
			})
		}
		newest, err1 := harness.Sample(url, `tidegate_loki_newest_entry_age_seconds{name="store"}`)
		oldest, err2 := harness.Sample(url, `tidegate_loki_oldest_entry_age_seconds{name="store"}`)
		if err1 != nil || err2 != nil || newest > oldest || oldest > 60 {
			t.Errorf("ages %v and %v: %v, %v", newest, oldest, err1, err2)
		}
		stop(t, h)
	})
}
