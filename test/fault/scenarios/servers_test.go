// Package scenarios_test breaks things under whole agents and counts what is lost: the
// short forms in a few minutes, the long ones, in a few hours, with TIDEGATE_SOAK=1.
// TIDEGATE_SOAK_TIME sets how long the soak loads its agent ("5m"), TIDEGATE_SEED the
// moments at which agents are killed.
//
// Each run prints one line: scenario, host, plugins, and how many records were sent, are
// stored, are missing and came twice. Our plugins have to lose nothing; the built-in ones
// do the same job beside them, under the same faults, and are only counted.
//
// Tests that mostly wait run at the same time. Those that kill brokers, those that measure an
// agent and the replay have the machine for themselves.
package scenarios_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// openLimits keep Loki out of the way where its limits are not the subject.
var openLimits = map[string]any{
	"ingestion_rate_mb": 200, "ingestion_burst_size_mb": 200,
	"per_stream_rate_limit": "200MB", "per_stream_rate_limit_burst": "200MB",
}

var (
	// One cluster serves all: three brokers behind proxies.
	kafkaOnce = sync.OnceValues(func() (*harness.Kafka, error) {
		return keep(harness.NewKafka(harness.KafkaOptions{
			Brokers: 3, Proxied: true, Properties: map[string]string{fault.GroupMinSession: "500"},
		}))
	})
	lokiOnce = sync.OnceValues(func() (*harness.Loki, error) {
		return keep(harness.NewLoki(harness.LokiOptions{
			AuthEnabled: true, Limits: openLimits,
			// Loki keeps all in memory: 10 GB of lines took 23 GB, at 100.
			GCPercent: form(100, 25),
			// What is on the disk as well is read from both, in twice the time. Of 5,368,709 lines
			// 3 that were there were missing from such a reading.
			FlushPeriod: form("30s", "24h"),
		}))
	})
	toClose struct {
		sync.Mutex
		servers []interface{ Close() }
	}
)

// keep remembers a server of the package, to be closed after the last test.
func keep[S interface{ Close() }](s S, err error) (S, error) {
	if err == nil {
		toClose.Lock()
		defer toClose.Unlock()
		toClose.servers = append(toClose.servers, s)
	}
	return s, err
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, s := range toClose.servers {
		s.Close()
	}
	os.Exit(code)
}

func theKafka(t *testing.T) *harness.Kafka {
	t.Helper()
	k, err := kafkaOnce()
	if err != nil {
		t.Fatalf("starting kafka: %v", err)
	}
	harness.Watch(t, k)
	return k
}

// theLoki is a server with tenants: each run has one of its own.
func theLoki(t *testing.T) *harness.Loki {
	t.Helper()
	l, err := lokiOnce()
	if err != nil {
		t.Fatalf("starting loki: %v", err)
	}
	harness.Watch(t, l)
	return l
}

func eachHost(t *testing.T, f func(t *testing.T, host harness.HostBinary)) {
	t.Helper()
	hosts, err := harness.Hosts()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range hosts {
		t.Run(host.Short(), func(t *testing.T) { f(t, host) })
	}
}

var (
	names     atomic.Int64
	notInName = regexp.MustCompile(`[^a-z0-9]+`)
)

// uniqueName serves as topic, group and tenant of a run.
func uniqueName(t *testing.T, p fault.Plugins) string {
	name := notInName.ReplaceAllString(strings.ToLower(strings.TrimPrefix(t.Name(), "Test")), "-")
	return fmt.Sprintf("%s-%s-%d", name, p.Name, names.Add(1))
}
