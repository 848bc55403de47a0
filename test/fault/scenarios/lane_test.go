package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// quiet is the silence after which what is not there is called missing: longer than any wait
// between two tries of an agent, a client or a group, and than the time in which Loki looks
// at its limits.
const quiet = 15 * time.Second

// judgement bounds the wait for what arrives slowly.
var judgement = form(5*time.Minute, time.Hour)

// source is where records begin.
type source interface {
	Send(ctx context.Context, count, perSecond int) error
}

// commitWithin is how long a group may take to commit the last offsets once everything is
// delivered, where nothing is filtered.
const commitWithin = 30 * time.Second

// lane is one way from a source to a store, with an agent of one family of plugins. The
// lanes of a test run at the same time, under the same faults.
type lane struct {
	scenario string // for people
	plugins  fault.Plugins
	binary   harness.HostBinary
	config   harness.HostConfig
	host     *harness.Host

	source source
	ledger *fault.Ledger
	store  fault.Store

	sending sync.WaitGroup
	sendErr error // valid when sending is done
}

// start starts the lane's agent, again after a kill.
func (l *lane) start(t *testing.T) {
	t.Helper()
	l.host = harness.StartHost(t, l.binary, l.config)
}

// send lets the source go on in the background.
func (l *lane) send(t *testing.T, count, perSecond int) {
	ctx := t.Context()
	l.sending.Go(func() { l.sendErr = l.source.Send(ctx, count, perSecond) })
}

// flows waits until the first records have arrived: before that, a fault is none.
func (l *lane) flows(t *testing.T) {
	t.Helper()
	l.more(t, 0)
}

// more waits until there are more records than before.
func (l *lane) more(t *testing.T, before int) {
	t.Helper()
	harness.Eventually(t, time.Minute, l.scenario+": more records", func() error {
		n, err := l.store.Len()
		if err == nil && n <= before {
			err = fmt.Errorf("there are %d, as before", n)
		}
		return err
	})
}

// caughtUp waits for the group of the lane's topic, of the same name, to have no lag.
func (l *lane) caughtUp(t *testing.T, k *harness.Kafka, topic string, within time.Duration) {
	t.Helper()
	begin, ends := time.Now(), k.EndOffsets(t, topic)
	harness.Eventually(t, within, l.scenario+": the group has no lag", func() error {
		if committed := k.CommittedOffsets(t, topic, topic); !maps.Equal(committed, ends) {
			return fmt.Errorf("committed %v of %v", committed, ends)
		}
		return nil
	})
	harness.Progress("fault: %-31s %-34s %-9s no lag %s after the last record", l.scenario, l.binary.Name, l.plugins.Name,
		time.Since(begin).Round(time.Second))
}

// fromFile gives the lane a log file and the input that reads it.
func (l *lane) fromFile(t *testing.T) (input string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.log")
	s, err := fault.NewFileSource(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	l.source, l.ledger = s, s.Ledger
	return fault.FromFile(path)
}

// fromTopic gives the lane a producer, which takes the way without faults.
func (l *lane) fromTopic(t *testing.T, k *harness.Kafka, topic string) *fault.KafkaSource {
	t.Helper()
	s, err := fault.NewKafkaSource(k.Brokers(), topic)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	l.source, l.ledger = s, s.Ledger
	return s
}

// lanes makes one lane for each family that the host can run, by a function that sets
// source, store and configuration.
func lanes(t *testing.T, scenario string, host harness.HostBinary, build func(l *lane, name string)) (all []*lane) {
	t.Helper()
	for _, p := range fault.For(host) {
		l := &lane{scenario: scenario, plugins: p, binary: host}
		build(l, uniqueName(t, p))
		all = append(all, l)
	}
	return all
}

// judge waits for the lanes to settle, prints a line for each, and fails the test for what
// ours have lost.
func judge(t *testing.T, all []*lane) {
	t.Helper()
	for l, v := range settle(t, all) {
		if err := v.Lossless(); err != nil && !l.plugins.BuiltIn {
			t.Errorf("%s: %v", l.scenario, err)
		}
	}
}

// settle waits for the lanes to end and to be still, and prints a line for each.
func settle(t *testing.T, all []*lane) map[*lane]fault.Verdict {
	t.Helper()
	verdicts, errs := make([]fault.Verdict, len(all)), make([]error, len(all))
	var settled sync.WaitGroup
	for i, l := range all {
		settled.Go(func() {
			l.sending.Wait()
			verdicts[i], errs[i] = fault.Settle(l.store, l.ledger, quiet, judgement)
		})
	}
	settled.Wait()
	got := map[*lane]fault.Verdict{}
	for i, l := range all {
		if err := errors.Join(l.sendErr, errs[i]); err != nil {
			t.Errorf("%s, %s: %v", l.scenario, l.plugins.Name, err)
			continue
		}
		harness.Progress("fault: %-31s %-34s %-9s %s", l.scenario, l.binary.Name, l.plugins.Name, verdicts[i])
		got[l] = verdicts[i]
	}
	return got
}

// pass lets time go by: a fault lasts, an agent lives.
func pass(t *testing.T, d time.Duration) {
	t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.Context().Done():
		t.Fatal("the test ended during a fault")
	}
}
