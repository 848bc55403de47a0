package e2e_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

const (
	ackLoki    = "[OUTPUT]\n    Name tidegate_loki\n    Alias store\n    Match kafka.*\n    url http://127.0.0.1:9\n    labels a=b\n    Retry_Limit no_limits\n"
	ackLogTide = "[OUTPUT]\n    Name tidegate_logtide\n    Match kafka.*\n    url http://127.0.0.1:9\n    api_key lp_a\n    Retry_Limit no_limits\n"
	ackNull    = "[OUTPUT]\n    Name null\n    Match kafka.*\n"
)

// unackable are pipelines whose input cannot know whom to wait for, with the words of the
// one line that says so.
var unackable = map[string]struct {
	input, outputs string
	words          []string
}{
	"no such output":            {"ack_from lokki", ackLoki + ackLogTide, []string{`ack_from names \"lokki\"`, "it has: store, tidegate_logtide.1"}},
	"one of two is no output":   {"ack_from store,tidegate_kafka", ackLoki + ackLogTide, []string{`ack_from names \"tidegate_kafka\"`, "it has: store, tidegate_logtide.1"}},
	"several, and none is said": {"", ackLoki + ackLogTide, []string{"ack_from must name the outputs to wait for", "store, tidegate_logtide.1"}},
	"a built-in output only":    {"", ackNull, []string{"commit delivered needs a Tidegate output", "commit appended"}},
	"a built-in output by name": {"ack_from null.0", ackNull, []string{"commit delivered needs a Tidegate output", "commit appended"}},
}

// ackPipeline reads a topic, with one more line of the input.
func ackPipeline(brokers, topic, group, input, outputs string) string {
	return fmt.Sprintf("[INPUT]\n    Name tidegate_kafka\n    Alias in\n    brokers %s\n    topics %s\n    group_id %s\n    topic_tag kafka.$topic\n    %s\n%s",
		brokers, topic, group, input, outputs)
}

// An input that cannot know whom to wait for says so in one line, which names the outputs
// that there are, or the option that goes without.
func TestUnackable(t *testing.T) {
	errorOfInput := regexp.MustCompile(`(?m)^.*\[error\] \[input:tidegate_kafka:in\].*$`)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, c := range unackable {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				k, _ := servers(t)
				job := uniqueName(t)
				k.CreateTopic(t, job, 1)
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: ackPipeline(k.Brokers(), job, job, c.input, c.outputs)})
				waitWords(t, h, append([]string{"[error] [input:tidegate_kafka:in]"}, c.words...))
				stop(t, h)
				if lines := errorOfInput.FindAllString(h.Log(), -1); len(lines) != 1 {
					t.Errorf("%d errors:\n%s", len(lines), strings.Join(lines, "\n"))
				}
			})
		}
	})
}

// What the line of several outputs asks for is enough: an output that is not named may be
// down, and everything is committed once the named one has it.
func TestAckFromOneOfTwo(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, ackFrom := range map[string]string{"alias": "store", "plugin": "tidegate_loki"} {
			t.Run(name, func(t *testing.T) {
				job := uniqueName(t)
				load := messages{count: 3000}
				k.CreateTopic(t, job, 2)
				client.Produce(t, job, load.text(), "-K", "\t")
				arrived := arrivalOf(t, l, job)
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
					brokers: k.Brokers(), topics: job, group: job, input: []string{"ack_from " + ackFrom},
					loki: l.URL, labels: "job=" + job + "," + labelsOfLoad, output: []string{"alias store"},
				}.String() + ackLogTide})
				arrived.host = h
				h.WaitLog(t, `offsets follow the delivery.*ack_from=store\b`, time.Minute)
				arrived.check(t, load, time.Minute)
				waitCommitted(t, k, h, job, load.count)
				stop(t, h)
			})
		}
	})
}

// waitCommitted returns when a group named as its topic has committed so many messages.
func waitCommitted(t *testing.T, k *harness.Kafka, h *harness.Host, topic string, count int) {
	t.Helper()
	harness.Eventually(t, time.Minute, "commits of group "+topic, func() error {
		ended := h.Exited()
		n := countOf(k.CommittedOffsets(t, topic, topic))
		if n >= count {
			return nil
		}
		err := fmt.Errorf("%d of %d messages", n, count)
		if ended {
			return harness.Hopeless{Err: fmt.Errorf("%w, and the agent has ended", err)}
		}
		return err
	})
}
