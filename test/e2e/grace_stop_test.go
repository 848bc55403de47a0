package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

const (
	// graceTime is the host's default, which the harness sets too.
	graceTime = 5 * time.Second
	// graceMargin is for what follows the grace: workers joined, the group left, the process gone.
	graceMargin = 2 * time.Second
	// graceGiveUp ends an agent that would not.
	graceGiveUp = 20 * time.Second
)

// crashed is what no agent may print.
var crashed = regexp.MustCompile(`panic|SIGSEGV|fatal error|corrupted|free\(\)`)

// mortalOnce is a Kafka whose broker the tests stop and start again.
var mortalOnce = sync.OnceValues(func() (*harness.Kafka, error) {
	k, err := harness.NewKafka(harness.KafkaOptions{})
	return keep(k, err)
})

func mortalKafka(t *testing.T) *harness.Kafka {
	t.Helper()
	k, err := mortalOnce()
	if err != nil {
		t.Fatalf("starting kafka: %v", err)
	}
	harness.Watch(t, k)
	return k
}

// An agent that is asked to stop ends by itself within its grace and a bit, with 0, at any
// moment and whatever its servers do: an orchestrator would kill it.
func TestGraceAtAnyMoment(t *testing.T) {
	k, l := servers(t)
	mortal := mortalKafka(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		p := &places{
			brokers: k.Brokers(), topic: uniqueName(t), mortal: mortal.Brokers(), loki: l.URL,
			logtide: logtide.Start(t).URL, dead: fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t)), busy: startBusy(t),
		}
		for _, topic := range []string{p.topic, p.topic + "-out", p.topic + "-idle"} {
			k.CreateTopic(t, topic, 4)
			mortal.CreateTopic(t, topic, 1)
		}
		harness.NeedKcat(t, k).Produce(t, p.topic, messages{count: 300_000}.text(), "-K", "\t")
		harness.NeedKcat(t, mortal).Produce(t, p.topic, messages{count: 1000}.text(), "-K", "\t")

		// Two plugins at a time: most moments wait, but each agent has to start.
		stopAtMoments(t, host, p, mortal, map[string][]moment{
			"in_kafka":  inputMoments(),
			"out_kafka": append(outputMoments(kafkaLines, "{brokers}", "{}"), brokerMoments()...),
		})
		stopAtMoments(t, host, p, mortal, map[string][]moment{
			"out_loki":    append(outputMoments(lokiLines, "{loki}", "http://{}"), busyMoments(lokiLines)...),
			"out_logtide": append(outputMoments(logtideLines, "{logtide}", "http://{}"), busyMoments(logtideLines)...),
		})
	})
}

// stopAtMoments runs an agent for each moment, all at the same time.
func stopAtMoments(t *testing.T, host harness.HostBinary, p *places, mortal *harness.Kafka, plugins map[string][]moment) {
	t.Helper()
	var all sync.WaitGroup
	var stops []*graceStop
	killed := make(chan struct{})
	for plugin, moments := range plugins {
		for _, m := range moments {
			here := *p
			here.killed = killed
			here.silent = startSilent(t) // of its own: its bytes tell the moment
			pipeline := strings.ReplaceAll(here.fill(m.input+m.output), "{group}", uniqueName(t))
			s := &graceStop{plugin: plugin, moment: m, agent: startAgent(t, host, harness.HostConfig{Pipeline: pipeline})}
			stops = append(stops, s)
			all.Go(func() { s.run(&here) })
		}
	}
	killBrokerAmid(t, mortal, killed, stops)
	all.Wait()
	for _, s := range stops {
		t.Run(s.plugin+", "+s.moment.name, s.check)
	}
}

// killBrokerAmid kills the broker once the agents that are to be bereft of it are at work.
func killBrokerAmid(t *testing.T, k *harness.Kafka, killed chan struct{}, stops []*graceStop) {
	t.Helper()
	defer close(killed)
	bereaved := false
	for _, s := range stops {
		if s.moment.works != nil {
			bereaved = true
			if err := s.agent.await(s.moment.works); err != nil {
				t.Error(err)
			}
		}
	}
	if !bereaved {
		return
	}
	<-time.After(2 * time.Second) // connected, and records on their way
	k.KillBroker(0)
	t.Cleanup(func() { k.StartBroker(t, 0) })
}

// graceStop is the stop of one agent.
type graceStop struct {
	plugin string
	agent  agent
	moment moment

	err  error // the moment did not come
	took time.Duration
}

func (s *graceStop) run(p *places) {
	if s.err = s.moment.come(s.agent, p); s.err != nil {
		return
	}
	begin := time.Now()
	s.err = syscall.Kill(s.agent.pid, syscall.SIGTERM)
	for !s.agent.Exited() && time.Since(begin) < graceGiveUp {
		<-time.After(10 * time.Millisecond)
	}
	s.took = time.Since(begin)
}

func (s *graceStop) check(t *testing.T) {
	defer func() {
		if t.Failed() {
			t.Log(s.agent.Log())
		}
	}()
	if s.err != nil {
		t.Fatal(s.err)
	}
	t.Logf("took %s", s.took.Round(10*time.Millisecond))
	if s.took > graceTime+graceMargin {
		t.Errorf("stopping took %s", s.took.Round(100*time.Millisecond))
	}
	if !s.agent.Exited() {
		t.Fatal("the agent was given up")
	}
	if code := s.agent.ExitCode(t, time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if line := crashed.FindString(s.agent.Log()); line != "" {
		t.Errorf("the log says %q", line)
	}
}

// startBusy is an HTTP server that wants every request later.
func startBusy(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "come again later", http.StatusServiceUnavailable)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
