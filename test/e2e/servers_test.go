// Package e2e_test runs whole pipelines: a real Kafka, a host with the built plugins, a
// real Loki. One Kafka and one Loki serve the package; topics, groups and labels carry
// the name of the test, so tests do not meet. A test that stops a server starts its own.
package e2e_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

// openLimits keep the server out of the way where its limits are not the subject.
var openLimits = map[string]any{
	"ingestion_rate_mb": 200, "ingestion_burst_size_mb": 200,
	"per_stream_rate_limit": "200MB", "per_stream_rate_limit_burst": "200MB",
}

var (
	kafkaOnce = sync.OnceValues(func() (*harness.Kafka, error) {
		k, err := harness.NewKafka(harness.KafkaOptions{})
		return keep(k, err)
	})
	lokiOnce = sync.OnceValues(func() (*harness.Loki, error) {
		l, err := harness.NewLoki(harness.LokiOptions{Limits: openLimits})
		return keep(l, err)
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

// servers gives the Kafka and the Loki of the package.
func servers(t *testing.T) (*harness.Kafka, *harness.Loki) {
	t.Helper()
	k := kafkaAlone(t)
	l, err := lokiOnce()
	if err != nil {
		t.Fatalf("starting loki: %v", err)
	}
	harness.Watch(t, l)
	return k, l
}

// kafkaAlone gives the Kafka of the package, for tests without a Loki.
func kafkaAlone(t *testing.T) *harness.Kafka {
	t.Helper()
	k, err := kafkaOnce()
	if err != nil {
		t.Fatalf("starting kafka: %v", err)
	}
	harness.Watch(t, k)
	return k
}

// eachHost runs a test on every host there is.
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

// uniqueName serves as topic, group and label value of a test, also of one that runs twice.
func uniqueName(t *testing.T) string {
	name := notInName.ReplaceAllString(strings.ToLower(strings.TrimPrefix(t.Name(), "Test")), "-")
	return fmt.Sprintf("%s-%d", name, names.Add(1))
}
