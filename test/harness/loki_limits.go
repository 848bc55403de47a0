package harness

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// tenantLimitsFile is what a running server reads its limits from, again and again.
const tenantLimitsFile = "tenant-limits.json"

// limitsRead is how long a server takes at most to read them.
const limitsRead = 20 * time.Second

// tenantLimits are the overrides of each tenant.
type tenantLimits map[string]map[string]float64

// write replaces the file by a rename: the server never reads half of it.
func (l tenantLimits) write(dir string) error {
	if l == nil {
		l = tenantLimits{}
	}
	text, err := json.Marshal(object{"overrides": l})
	if err != nil {
		return err
	}
	path := filepath.Join(dir, tenantLimitsFile)
	if err := os.WriteFile(path+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// SetLimits changes limits of one tenant while the server runs: those of limits_config that
// are plain numbers. It returns when the server has read them; nil gives the tenant the
// defaults again. A server without tenants calls its only one "fake".
//
// A limit of the rate (ingestion_rate_mb, ingestion_burst_size_mb) holds at once for a
// tenant that has not pushed yet, and otherwise within ten seconds: so often a distributor
// looks.
func (l *Loki) SetLimits(t testing.TB, tenant string, limits map[string]float64) {
	t.Helper()
	if l.limits == nil {
		l.limits = tenantLimits{}
	}
	l.limits[tenant] = limits
	if limits == nil {
		delete(l.limits, tenant)
	}
	if err := l.limits.write(l.dir.path); err != nil {
		t.Fatal(err)
	}
	Eventually(t, limitsRead, "limits of tenant "+tenant, func() error {
		got, err := l.limitsOf(tenant)
		if err != nil {
			return err
		}
		for name, want := range limits {
			if fmt.Sprint(got[name]) != fmt.Sprint(want) {
				return fmt.Errorf("%s is %v, not %v", name, got[name], want)
			}
		}
		return nil
	})
}

// limitsOf asks the server what holds for a tenant.
func (l *Loki) limitsOf(tenant string) (limits map[string]any, err error) {
	request, err := http.NewRequest(http.MethodGet, l.URL+"/config/tenant/v1/limits", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Scope-OrgID", tenant)
	answer, err := queryClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("asking for limits: %s: %s", answer.Status, text)
	}
	return limits, yaml.Unmarshal(text, &limits)
}
