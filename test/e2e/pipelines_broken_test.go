package e2e_test

import (
	"os"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// brokerAway is how long the only broker is gone: long enough for several retries of the
// host and for the client to see its connection as lost. TIDEGATE_BROKER_AWAY sets another
// time; with 30s the run is the one of the promise in the README.
const brokerAway = 8 * time.Second

func brokerAwayTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("TIDEGATE_BROKER_AWAY")
	if text == "" {
		return brokerAway
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("TIDEGATE_BROKER_AWAY: %v", err)
	}
	return d
}

// The only broker goes away in the middle and comes back: no line is missing, and none is
// there twice, though rotated files are found again meanwhile.
func TestFilesToKafkaWithBrokerAway(t *testing.T) {
	k := harness.StartKafka(t, harness.KafkaOptions{})
	client := harness.NeedKcat(t, k)
	eachReady(t, "files-to-kafka", func(t *testing.T, r ready) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		log := newRotatedLog(t, "app.log")
		h := r.start(t, filesEnv(k, log.dir, topic))
		part := pipelineLoad / 4
		log.write(t, messages{count: part}, part)
		waitProduced(t, k, h, part, topic)

		k.StopBroker(t, 0)
		log.write(t, messages{first: part, count: 2 * part}, part/2)
		h.WaitLog(t, `tidegate_kafka.*(?i)(cannot reach|refused|down|timed out)`, time.Minute)
		away := time.NewTimer(brokerAwayTime(t))
		<-away.C
		if h.Exited() {
			t.Fatal("the agent did not wait for the broker")
		}
		k.StartBroker(t, 0)

		log.write(t, messages{first: 3 * part, count: pipelineLoad - 3*part}, part)
		waitProduced(t, k, h, pipelineLoad, topic)
		got := waitNumbers(t, client, topic, h)
		stop(t, h)
		got.once(t)
	})
}

// waitNumbers reads a topic until no number of the load is missing; what it has when the
// time is over is for the caller to judge.
func waitNumbers(t *testing.T, client *harness.Kcat, topic string, h *harness.Host) (got numbers) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		got = numbersOf(t, pipelineLoad, client.Consume(t, topic, "%s\n"))
		if got.missing() == 0 || h.Exited() || time.Now().After(deadline) {
			return got
		}
		<-time.After(time.Second)
	}
}

// kills is how often the agent is killed while it reads.
const kills = 6

// The agent is killed again and again: now when it has only begun to read a file, now when
// some of it is in Kafka. No line is missing. What was on its way comes again; how much is
// in the log.
func TestFilesToKafkaWithAgentKilled(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachReady(t, "files-to-kafka", func(t *testing.T, r ready) {
		if !r.host.FluentBit {
			t.Skip("needs Fluent Bit: the stand-in has not got filesystem storage")
		}
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		log := newRotatedLog(t, "app.log")
		env := filesEnv(k, log.dir, topic)
		next := func(count int) messages {
			m := messages{first: log.written, count: count}
			log.write(t, m, count/2)
			return m
		}
		for round := range kills {
			m := next(pipelineLoad / (kills + 1))
			h := r.start(t, env)
			h.WaitLog(t, `tail.*inotify_fs_add.*app\.log`, time.Minute)
			if round%2 == 1 {
				waitProduced(t, k, h, m.first+1, topic)
			}
			h.Kill()
		}
		next(pipelineLoad - log.written)
		h := r.start(t, env)
		waitProduced(t, k, h, pipelineLoad, topic)
		got := waitNumbers(t, client, topic, h)
		stop(t, h)
		got.atLeastOnce(t)
	})
}
