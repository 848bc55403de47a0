package e2e_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// threeOf are three instances of a plugin; the second is to be wrong, at {here}.
var threeOf = map[string]struct {
	section, options string
	right, wrong     string
}{
	"in_kafka":    {"INPUT", "    Name tidegate_kafka\n    brokers 127.0.0.1:9\n    topics t\n    group_id g\n", "format raw", "format xml"},
	"out_kafka":   {"OUTPUT", "    Name tidegate_kafka\n    Match *\n    brokers 127.0.0.1:9\n    topic t\n", "flush_timeout 9s", "flush_timeout soon"},
	"out_loki":    {"OUTPUT", "    Name tidegate_loki\n    Match *\n    url http://127.0.0.1:9\n    labels a=b\n", "batch_size 1Mi", "batch_size 1Gi"},
	"out_logtide": {"OUTPUT", "    Name tidegate_logtide\n    Match *\n    url http://127.0.0.1:9\n    api_key lp_1\n", "batch_size 10", "batch_size 0"},
}

// A wrong option in one of three instances is told in that one's name, and in no other's.
func TestWrongOptionNamesItsInstance(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for plugin, c := range threeOf {
			t.Run(plugin, func(t *testing.T) {
				pipeline := dummy + "[OUTPUT]\n    Name null\n    Match *\n"
				for _, instance := range []struct{ alias, option string }{
					{"first", c.right}, {"second", c.wrong}, {"third", c.right},
				} {
					pipeline += "[" + c.section + "]\n" + c.options + "    Alias " + instance.alias + "\n    " + instance.option + "\n"
				}
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline})
				if code := h.ExitCode(t, 30*time.Second); code == 0 || killedBySignal(code) {
					t.Errorf("exit code %d: the host is to end on its own with an error", code)
				}
				option, _, _ := strings.Cut(c.wrong, " ")
				complaint := regexp.MustCompile(`tidegate_\w+:(\w+)\] invalid configuration.*` + option)
				found := complaint.FindAllStringSubmatch(h.Log(), -1)
				if len(found) != 1 || found[0][1] != "second" {
					t.Errorf("the instances that complain: %q", found)
				}
			})
		}
	})
}
