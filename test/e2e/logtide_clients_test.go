package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// A LogTide behind a private authority, a proxy, or a gateway that wants a header: Fluent Bit
// leaves the options for them to the plugin, and each is used.
func TestLogtideClients(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		target := logtide.Start(t)
		clients := map[string]client{
			"mutual_tls": startMutual(t, target.URL, "logtide.internal", "agent-7"),
			"proxy":      startProxy(t, target.URL, "logtide.invalid:3000"),
			"headers": {startGate(t, target.URL, func(req *http.Request) error {
				return demanding(req.Header.Get("X-Cluster") == "eu-1" && req.Header.Get("X-Gateway") == "hush-gateway", "headers")
			}), properties{"header": "X-Cluster=eu-1,X-Gateway hush-gateway"}},
		}
		pipeline := "[INPUT]\n    Name dummy\n    Rate 5\n    Dummy {\"message\":\"hello\"}\n"
		for name, c := range clients {
			pipeline += fmt.Sprintf("[OUTPUT]\n    Name tidegate_logtide\n    Alias %s\n    Match *\n    Retry_Limit no_limits\n    service %[1]s\n    api_key %s\n", name, logtide.DefaultKey) +
				properties{"url": c.URL}.with(c.options).String()
		}
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline})
		harness.Eventually(t, 30*time.Second, "logs by each way", func() error {
			came := map[string]int{}
			for _, l := range target.Logs() {
				came[l.Service]++
			}
			if len(came) < len(clients) {
				return fmt.Errorf("%v", came)
			}
			return nil
		})
		stop(t, h)
		for name, c := range clients {
			if n := c.refused.Load(); n > 0 {
				t.Errorf("%s: %d requests were refused", name, n)
			}
		}
		checkNoSecret(t, h)
	})
}
