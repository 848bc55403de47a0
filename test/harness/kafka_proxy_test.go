package harness

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Clients that come through the proxies stay on them, and are cut off by them; others are not.
func TestKafkaThroughProxies(t *testing.T) {
	k := StartKafka(t, KafkaOptions{Brokers: 3, Proxied: true})
	direct := NeedKcat(t, k)
	proxied := &Kcat{path: direct.path, brokers: k.ProxiedBrokers()}
	k.CreateTopic(t, "logs", 3)
	for partition := range 3 {
		proxied.Produce(t, "logs", "one\ntwo\n", "-p", fmt.Sprint(partition))
	}
	for _, p := range k.Proxies() {
		p.Cut()
	}
	for partition := range 3 {
		direct.Produce(t, "logs", "three\n", "-p", fmt.Sprint(partition))
	}
	Eventually(t, time.Minute, "messages of both ways", func() error {
		for partition, end := range k.EndOffsets(t, "logs") {
			if end != 3 {
				return fmt.Errorf("partition %d ends at %d", partition, end)
			}
		}
		return nil
	})
	if err := proxied.try(t, "logs", "-X", "message.timeout.ms=1500"); err == nil {
		t.Error("a message passed the cut")
	}
	reached := 0
	for _, p := range k.Proxies() {
		if p.Cuts() > 0 {
			reached++
		}
		p.Heal()
	}
	if reached == 0 {
		t.Error("the client did not come by the proxies")
	}
	proxied.Produce(t, "logs", "four\n", "-p", "0")
}

// try produces one message and gives kcat's complaint.
func (c *Kcat) try(t *testing.T, topic string, args ...string) error {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.path, append([]string{"-P", "-b", c.brokers, "-t", topic}, args...)...)
	cmd.Stdin = strings.NewReader("never\n")
	return cmd.Run()
}
