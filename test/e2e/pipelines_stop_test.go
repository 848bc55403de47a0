package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// An agent whose chunks wait for brokers that are gone still ends within its grace of five
// seconds and one flush_timeout, however many chunks wait: an orchestrator would kill it.
func TestStopWithChunksForBrokersThatAreGone(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: dummy + fmt.Sprintf(`
[OUTPUT]
    Name         tidegate_kafka
    Match        *
    brokers      127.0.0.1:%d
    topic        t
    flush_timeout 5s
    Workers      2
    Retry_Limit  no_limits
`, harness.FreePort(t))})
		h.WaitLog(t, `tidegate_kafka.*within flush_timeout`, time.Minute) // a chunk came each second till then
		begin := time.Now()
		stop(t, h)
		if took := time.Since(begin); took > 15*time.Second {
			t.Errorf("stopping took %s", took.Round(time.Second))
		}
	})
}
