package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// front stands before a Loki and answers for some tenants in its place.
type front struct {
	*httptest.Server

	mu      sync.Mutex
	trouble map[string]http.HandlerFunc
	pushes  map[string][]time.Time
}

func startFront(t *testing.T, l *harness.Loki) *front {
	t.Helper()
	to, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	behind := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	f := &front{pushes: map[string][]time.Time{}, trouble: map[string]http.HandlerFunc{
		"broken":  func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) },
		"limited": limitOnce(behind),
		"cut":     func(w http.ResponseWriter, req *http.Request) { breakOff(w, req, behind) },
	}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		tenant := req.Header.Get("X-Scope-OrgID")
		f.mu.Lock()
		f.pushes[tenant] = append(f.pushes[tenant], time.Now())
		answer := f.trouble[tenant]
		f.mu.Unlock()
		if answer == nil {
			answer = behind.ServeHTTP
		}
		answer(w, req)
	}))
	t.Cleanup(f.Close)
	return f
}

// retryAfter is longer than the engine waits before it tries again.
const retryAfter = 5 * time.Second

// limitOnce answers 429 the first time.
func limitOnce(behind http.Handler) http.HandlerFunc {
	var first sync.Once
	return func(w http.ResponseWriter, req *http.Request) {
		limited := false
		first.Do(func() { limited = true })
		if !limited {
			behind.ServeHTTP(w, req)
			return
		}
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		http.Error(w, "slowly", http.StatusTooManyRequests)
	}
}

// breakOff has the push stored and ends the answer before its body does.
func breakOff(w http.ResponseWriter, req *http.Request, behind http.Handler) {
	answer := httptest.NewRecorder()
	behind.ServeHTTP(answer, req)
	w.Header().Set("Content-Length", "100")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte("stored as"))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// heal ends a tenant's trouble.
func (f *front) heal(tenant string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.trouble, tenant)
}

func (f *front) pushesOf(tenant string) []time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.pushes[tenant])
}

// One tenant is answered 500, another 429 with a Retry-After, and of a third's 200 the body
// breaks off: each holds up nobody else, what is stored is not sent again, and in the end
// each record is there by its number.
func TestLokiTenantsInTrouble(t *testing.T) {
	const each = 10
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		l := harness.StartLoki(t, harness.LokiOptions{AuthEnabled: true, Limits: openLimits}) // which counts by tenant
		f := startFront(t, l)
		job := uniqueName(t)
		tenants := []string{"good", "broken", "limited", "cut"}
		var records strings.Builder
		want := map[string][]string{}
		for n := range each * len(tenants) {
			tenant := tenants[n%len(tenants)]
			line := fmt.Sprintf(`{"n":%d,"tenant":%q}`, n, tenant)
			want[tenant] = append(want[tenant], line)
			records.WriteString(line + "\n")
		}
		file := filepath.Join(t.TempDir(), "app.log")
		if err := os.WriteFile(file, []byte(records.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: fmt.Sprintf(`
[INPUT]
    Name            tail
    Path            %s
    Read_from_Head  on
[OUTPUT]
    Name           tidegate_loki
    Match          *
    url            %s
    labels         job=%s
    tenant_id_key  $log['tenant']
    line_format    raw
    line_key       log
    Retry_Limit    no_limits
`, file, f.URL, job)})
		arrive := func(tenant string) {
			t.Helper()
			slices.Sort(want[tenant])
			harness.Eventually(t, 30*time.Second, "records of "+tenant, func() error {
				got, err := tenantLines(l, tenant, job)
				if err == nil && !slices.Equal(got, want[tenant]) {
					err = fmt.Errorf("got %q", got)
				}
				return err
			})
		}
		arrive("good")
		arrive("cut")
		harness.Eventually(t, 30*time.Second, "the broken tenant to be tried again", func() error {
			if len(f.pushesOf("broken")) < 3 {
				return errors.New("fewer than three pushes")
			}
			return nil
		})
		arrive("limited")
		if p := f.pushesOf("limited"); len(p) < 2 || p[1].Sub(p[0]) < retryAfter {
			t.Errorf("pushes at %v: Retry-After was %v", p, retryAfter)
		}
		f.heal("broken")
		arrive("broken")
		stop(t, h)
		for _, tenant := range tenants {
			if n, err := l.Accepted(tenant); err != nil || n != each {
				t.Errorf("%s: Loki was sent %d entries of %d: %v", tenant, n, each, err)
			}
		}
	})
}
