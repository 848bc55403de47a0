package harness

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Limits change for one tenant while the server runs, and what it refuses is not accepted.
func TestLokiTenantLimits(t *testing.T) {
	l := StartLoki(t, LokiOptions{AuthEnabled: true})
	before, err := l.limitsOf("tight")
	if err != nil {
		t.Fatal(err)
	}
	l.SetLimits(t, "tight", map[string]float64{"ingestion_rate_mb": 0.001, "ingestion_burst_size_mb": 0.001})
	for tenant, refused := range map[string]int{"tight": 1, "open": 0} {
		for _, line := range []string{"short", strings.Repeat("long ", 1000)} {
			entry := Entry{Time: time.Now().UnixNano(), Line: line}
			pushAnswer(t, l, tenant, map[string]string{"job": "x"}, []Entry{entry}).Body.Close()
		}
		accepted, err := l.Accepted(tenant)
		if err != nil {
			t.Fatal(err)
		}
		discarded, err := l.Discarded(tenant)
		if err != nil || discarded != refused || accepted != 2-refused {
			t.Errorf("tenant %s: %d accepted, %d discarded, %v", tenant, accepted, discarded, err)
		}
	}
	l.SetLimits(t, "tight", nil)
	Eventually(t, limitsRead, "the default limits again", func() error {
		after, err := l.limitsOf("tight")
		if err == nil && after["ingestion_rate_mb"] != before["ingestion_rate_mb"] {
			err = fmt.Errorf("the rate is %v", after["ingestion_rate_mb"])
		}
		return err
	})
}
