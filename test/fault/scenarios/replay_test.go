package scenarios_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// A day that waits in twelve partitions, which were written at rates of their own, goes to
// one stream of a Loki, which refuses what is an hour behind the newest entry. In the middle
// Loki is away for as long as the replay takes for two hours of records. Nothing is missing,
// and without max_skew it would be. It has the machine for itself: a partition of which
// nothing comes for ten seconds is taken for silent.
func TestReplayOfADay(t *testing.T) {
	k, loki := theKafka(t), theLoki(t)
	replay := fault.Replay{
		Partitions: 12, Rounds: form(400, 10_000),
		Begin: time.Now().Add(-25 * time.Hour).Truncate(time.Second), Lasts: 24 * time.Hour,
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		paced := replayed(t, k, loki, host, &replay, "30m")
		control := replayed(t, k, loki, host, &replay, "0")
		all := []*lane{paced.lane, control.lane}
		for _, r := range []*replaying{paced, control} {
			r.send(t, replay.Records(), 0)
			r.sending.Wait()
			r.start(t)
		}
		// Of the control so much is refused that there may never be a third of it.
		paced.outage(t, &replay)
		verdicts := settle(t, all)
		if v, ok := verdicts[paced.lane]; ok {
			if err := v.Lossless(); err != nil {
				t.Errorf("%s: %v", paced.scenario, err)
			}
		}
		if v, ok := verdicts[control.lane]; ok && v.Missing == 0 {
			t.Errorf("%s: nothing is missing: this replay needs no max_skew", control.scenario)
		}
		paced.caughtUp(t, k, paced.topic, commitWithin)
		if paced.proxy.Cuts() == 0 {
			t.Error("there was nothing to cut")
		}
	})
}

// replaying is a lane that reads what is there.
type replaying struct {
	*lane
	topic string // and group
	proxy *harness.Proxy
}

func replayed(t *testing.T, k *harness.Kafka, loki *harness.Loki, host harness.HostBinary, replay *fault.Replay, maxSkew string) *replaying {
	t.Helper()
	ours := fault.Ours
	ours.Labels = "job=replay"
	l := &lane{scenario: "replay of 24 h, max_skew " + maxSkew, plugins: ours, binary: host}
	r := &replaying{lane: l, topic: uniqueName(t, ours), proxy: harness.StartProxy(t, loki.Address())}
	k.CreateTopic(t, r.topic, replay.Partitions)
	source := l.fromTopic(t, k, r.topic)
	source.Place = replay.Place
	l.store = fault.InLokiSince(loki, r.topic, replay.Begin.Add(-time.Minute))
	l.config = ours.Config(
		ours.FromKafka(k.Brokers(), r.topic, r.topic, "max_skew "+maxSkew),
		ours.ToLoki(r.proxy.Address(), r.topic))
	return r
}

// outage takes Loki away once a third is there.
func (r *replaying) outage(t *testing.T, replay *fault.Replay) {
	t.Helper()
	begin := time.Now()
	harness.Eventually(t, judgement, r.scenario+": a third of the records", func() error {
		n, err := r.store.Len()
		if err == nil && n < replay.Records()/3 {
			err = fmt.Errorf("%d of %d", n, replay.Records())
		}
		return err
	})
	// A third is eight hours.
	twoHours := max(time.Since(begin)/4, 5*time.Second)
	r.proxy.Cut()
	pass(t, twoHours)
	r.proxy.Heal()
	harness.Progress("fault: %-31s a third took %s, Loki was away for %s", r.scenario,
		time.Since(begin).Round(time.Second), twoHours.Round(time.Second))
}
