package outkafka

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/plugin"
)

// TestStall: once a flush has waited in full for nothing, the others do not,
// and each record arrives once when the broker is there again.
func TestStall(t *testing.T) {
	const full, chunks, size = 5 * time.Second, 6, 100
	cluster := startKafka(t, "t")
	o, _ := newTestOutput(t, "brokers="+cluster.BootstrapServers(), "topic=t", "flush_timeout=5s",
		"rdkafka.queue.buffering.max.messages=350", "rdkafka.reconnect.backoff.max.ms=500")
	retry(t, o, numbered(0, size))
	s := o.batched.session
	await(t, "the first reports", func() bool { n, stalled := s.progress.look(); return n == size && !stalled })
	if err := cluster.SetBrokerDown(1); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	flush(t, o, numbered(size, 2*size), plugin.Retry)
	if took := time.Since(begin); took < full {
		t.Errorf("the first waited %s only", took)
	}
	// New chunks, of which the last do not fit into the client's queue, and
	// one that is under way: all of them together take less than one did.
	begin = time.Now()
	for i := 2; i <= chunks; i++ {
		flush(t, o, numbered(i*size, (i+1)*size), plugin.Retry)
	}
	flush(t, o, numbered(size, 2*size), plugin.Retry)
	if took := time.Since(begin); took >= full {
		t.Errorf("%d flushes without a broker took %s", chunks, took)
	}
	if err := cluster.SetBrokerUp(1); err != nil {
		t.Fatal(err)
	}
	// Without a flush that would wait for them, the reports end the stall.
	await(t, "the reports of all that is with the client", func() bool { return s.producer.Len() == 0 })
	if _, stalled := s.progress.look(); stalled {
		t.Error("reports did not end the stall")
	}
	for i := 1; i <= chunks; i++ {
		retry(t, o, numbered(i*size, (i+1)*size))
	}
	checkNumbers(t, consume(t, cluster.BootstrapServers(), (chunks+1)*size, "t"), (chunks+1)*size)
}

// TestStallEndsUnderWait: a flush that looks for a report while another's
// comes waits for its own in full.
func TestStallEndsUnderWait(t *testing.T) {
	fl := &flight{states: make([]state, 1)}
	fl.open()
	fl.session = &session{}
	fl.launch(0)
	looked := make(chan time.Time) // nobody takes from it twice
	d := sending{flight: fl, watched: fl.session, glance: looked}
	settled := make(chan bool)
	go func() { settled <- d.settle(t.Context()) }()
	looked <- time.Now()
	fl.reports <- &kafka.Message{Opaque: &fl.states[0]}
	if !<-settled || fl.states[0] != delivered {
		t.Errorf("state %d", fl.states[0])
	}
}

// TestSlowBroker: reports that take longer than a stalled flush looks for them
// are found by its retry, and end the stall.
func TestSlowBroker(t *testing.T) {
	cluster := startKafka(t, "t")
	o, _ := newTestOutput(t, "brokers="+cluster.BootstrapServers(), "topic=t")
	flush(t, o, numbered(0, 10), plugin.OK)
	p := &o.batched.session.progress
	await(t, "the first reports", func() bool { n, _ := p.look(); return n == 10 })
	p.mu.Lock()
	p.stalled = true
	p.mu.Unlock()
	if err := cluster.SetRoundtripDuration(1, 10*lookFor); err != nil {
		t.Fatal(err)
	}
	flush(t, o, numbered(10, 20), plugin.Retry)
	retry(t, o, numbered(10, 20))
	if err := cluster.SetRoundtripDuration(1, 0); err != nil {
		t.Fatal(err)
	}
	await(t, "the end of the stall", func() bool { _, stalled := p.look(); return !stalled })
	flush(t, o, numbered(20, 30), plugin.OK) // which waited in full again
	checkNumbers(t, consume(t, cluster.BootstrapServers(), 30, "t"), 30)
}

// await polls until ok.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(30 * time.Second); !ok(); <-again.C {
		if time.Now().After(deadline) {
			t.Fatalf("no sign of %s", what)
		}
	}
}

// TestFlushCancelled: the exit ends a flush, which is no sign of a stall and
// sends nothing new.
func TestFlushCancelled(t *testing.T) {
	o, log := newTestOutput(t, "brokers=127.0.0.1:1", "topic=t")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	begin := time.Now()
	for range 2 {
		if got := o.Flush(ctx, "tag", numbered(0, 10)); got != plugin.Retry {
			t.Errorf("answered %v", got)
		}
	}
	if got := o.Flush(ctx, "tag", numbered(10, 20)); got != plugin.Retry {
		t.Errorf("answered %v", got)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	s := o.batched.session
	if _, stalled := s.progress.look(); stalled {
		t.Errorf("stalled; log:\n%s", log)
	}
	if n := s.progress.produced.Load(); n != 10 {
		t.Errorf("%d messages were produced, want 10", n)
	}
	if strings.Contains(log.String(), "panic") {
		t.Errorf("log:\n%s", log)
	}
}
