package e2e_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// ourLines are a log's lines of the plugins, by instance.
var ourLines = regexp.MustCompile(`\[ *(debug|info|warn|error)\] \[(?:input|output):tidegate_\w+:([\w.]+)\] (.*)`)

// An instance's log_level holds for its lines, and each line has the instance's name.
func TestLogLevels(t *testing.T) {
	output := func(alias, level string) string {
		return `
[OUTPUT]
    Name        tidegate_loki
    Alias       ` + alias + `
    Match       *
    log_level   ` + level + `
    url         http://127.0.0.1:1
    labels      a=b
    Retry_Limit no_limits
`
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: `
[INPUT]
    Name dummy
    Rate 10
[INPUT]
    Name      tidegate_kafka
    Alias     reader
    log_level error
    brokers   127.0.0.1:1
    topics    t
    group_id  g
    ack_from  plain
` + output("plain", "info") + output("cautious", "warn") + output("silent", "off")})
		for _, line := range []string{`plain\] push failed`, `cautious\] push failed`, `reader\] cannot reach Kafka`} {
			h.WaitLog(t, line, 20*time.Second)
		}
		stop(t, h)
		seen := map[string]string{}
		for _, m := range ourLines.FindAllStringSubmatch(h.Log(), -1) {
			level, instance := m[1], m[2]
			if !strings.Contains(seen[instance], level) {
				seen[instance] += level + " "
			}
		}
		for instance, want := range map[string]string{"plain": "info warn ", "cautious": "warn ", "silent": "", "reader": "error "} {
			if seen[instance] != want {
				t.Errorf("%s logged at %q, want %q", instance, seen[instance], want)
			}
		}
	})
}
