package inkafka

import (
	"strings"
	"testing"
	"time"
)

// TestInputIsPolledAllTheTime holds that the group never misses a member of which
// the agent takes nothing, and one that has as much in flight as it may: neither
// for longer than a member may go without a poll.
func TestInputIsPolledAllTheTime(t *testing.T) {
	t.Parallel()
	const interval = 6 * time.Second // the mock broker takes longer than a shorter one to let a member in
	for name, c := range map[string]struct {
		maxInFlight string
		collects    bool
		stands      func(in *Input) bool
	}{
		"paused": {"64Mi", false, func(in *Input) bool { return len(in.reader.ready) == readyBatches }},
		"full":   {"1Mi", true, func(in *Input) bool { return in.ledger.Full() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			brokers := mockKafka(t, "t")
			produce(t, brokers, "t", 0, 60_000)
			cfg, err := parse(with(map[string]string{
				"brokers": brokers, "commit": commitDelivered, "max_in_flight": c.maxInFlight,
				"rdkafka.max.poll.interval.ms": "6000", "rdkafka.session.timeout.ms": "6000", "rdkafka.heartbeat.interval.ms": "200",
			}))
			if err != nil {
				t.Fatal(err)
			}
			h, log := testHost(t)
			h.Deliveries.Join("tidegate_loki", "loki") // which delivers nothing
			in, err := newInput(cfg, h)
			if err != nil {
				t.Fatal(err)
			}
			pass := func(until func() bool) {
				to := &taker{}
				for deadline := time.Now().Add(30 * time.Second); !until(); {
					if time.Now().After(deadline) {
						t.Fatalf("not done in time:\n%s", log)
					}
					if c.collects || !in.started { // the first makes the ledger start
						in.Collect(time.Now().Add(50*time.Millisecond), to)
					} else {
						<-time.After(50 * time.Millisecond)
					}
				}
			}
			pass(func() bool { return c.stands(in) })
			begin := time.Now()
			pass(func() bool { return time.Since(begin) > interval+interval/2 })
			if !c.stands(in) {
				t.Error("it read on: nothing was in its way")
			}
			in.Close()
			text := log.String()
			if n := strings.Count(text, "partitions assigned"); n != 1 || strings.Contains(text, "maximum poll interval") {
				t.Errorf("partitions were assigned %d times:\n%s", n, text)
			}
		})
	}
}
