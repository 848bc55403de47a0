package deadletter

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/plugin"
)

// agent is what a sink sees of the agent.
type agent struct {
	registry *prometheus.Registry
	running  sync.WaitGroup

	mu  sync.Mutex
	log bytes.Buffer
}

func (a *agent) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.Write(p)
}

func (a *agent) lines() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.String()
}

func (a *agent) owner(t testing.TB) Owner {
	return Owner{Prefix: "tidegate_test", Reasons: []string{"malformed", "too_old"}, Host: plugin.Host{
		Name:    "test.0",
		Log:     slog.New(slog.NewTextHandler(a, nil)),
		Metrics: a.registry,
		Go: func(_ string, f func()) <-chan struct{} {
			ended := make(chan struct{})
			a.running.Go(func() {
				defer close(ended)
				f()
			})
			return ended
		},
		Fail: func(err error) { t.Errorf("instance failed: %v", err) },
	}}
}

func newAgent() *agent { return &agent{registry: prometheus.NewRegistry()} }

// metric returns the sum over a family's series.
func (a *agent) metric(t testing.TB, name string) (sum float64) {
	t.Helper()
	families, err := a.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "tidegate_test_"+name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
		return sum
	}
	t.Fatalf("no family %s", name)
	return 0
}

// eventually polls, because a broker or a goroutine takes its time.
func eventually(t testing.TB, what string, check func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !check(); {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// TestFamilies holds that all families are there from the start, with every
// reason.
func TestFamilies(t *testing.T) {
	a := newAgent()
	newReport(a.owner(t), "dead", nil)
	for _, name := range []string{
		"dead_letters_total", "dead_letter_failures_total", "dead_letters_cut_total", "dead_letters_waiting", "dead_letters_waiting_bytes",
	} {
		if a.metric(t, name) != 0 {
			t.Errorf("%s is not 0", name)
		}
	}
}
