package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// The endpoint is down while everything is read and committed, and the agent is killed: what
// is delivered after the next start comes from the disk, each record once.
func TestPipelineKafkaToHTTPKilled(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachReady(t, "kafka-to-http", func(t *testing.T, r ready) {
		if !r.host.FluentBit {
			t.Skip("needs Fluent Bit: the stand-in has not got filesystem storage")
		}
		topic, address := uniqueName(t), freeAddress(t)
		k.CreateTopic(t, topic, 4)
		client.Produce(t, topic, messages{count: pipelineLoad}.text(), "-K", "\t")
		env := httpEnv(t, k, topic, address)
		h := r.start(t, env)
		waitCommitted(t, k, h, topic, pipelineLoad)
		h.Kill()

		target := startLineReceiverAt(t, address, pipelineLoad)
		h = r.start(t, env)
		target.wait(t, h)
		stop(t, h)
		target.check(t)
		checkCommitted(t, k, topic, topic)
	})
}

// appendedKills is how often an agent is killed whose output is down.
const appendedKills = 6

// The endpoint is down, and the agent is killed again and again: now when it has only got its
// partitions, now when some of it is committed. No record is missing once the endpoint is up;
// how many came twice is in the log.
func TestAppendedAgentKilled(t *testing.T) {
	k := harness.StartKafka(t, harness.KafkaOptions{Properties: map[string]string{fault.GroupMinSession: "500"}})
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("needs Fluent Bit: the stand-in has not got filesystem storage")
		}
		topic, address := uniqueName(t), freeAddress(t)
		k.CreateTopic(t, topic, 4)
		config := appendedConfig(t, k, topic, address, fault.ShortSession)
		random := rand.New(rand.NewPCG(1, 0))
		const each = pipelineLoad / appendedKills
		for round := range appendedKills {
			client.Produce(t, topic, messages{first: round * each, count: each}.text(), "-K", "\t")
			h := harness.StartHost(t, host, config)
			h.WaitLog(t, `partitions assigned`, time.Minute)
			if round%2 == 1 {
				waitCommitted(t, k, h, topic, round*each)
			}
			<-time.After(time.Duration(random.Int64N(int64(time.Second))))
			h.Kill()
		}
		committed := countOf(k.CommittedOffsets(t, topic, topic))
		t.Logf("%d messages are committed, and none is delivered", committed)
		if committed == 0 {
			t.Error("nothing was committed: no record has to come from the disk")
		}

		const count = each * appendedKills
		target := startLineReceiverAt(t, address, count)
		h := harness.StartHost(t, host, config)
		target.wait(t, h)
		waitCommitted(t, k, h, topic, count)
		stop(t, h)
		target.got.atLeastOnce(t)
	})
}

// The endpoint is down for long, and the disk does not take the whole topic: above
// storage.max_chunks_up the rest stays in Kafka, and comes when the endpoint does.
func TestAppendedDiskIsBounded(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("needs Fluent Bit: the stand-in has not got filesystem storage")
		}
		const count, chunksUp = 200_000, 4
		topic, address := uniqueName(t), freeAddress(t)
		k.CreateTopic(t, topic, 4)
		client.Produce(t, topic, messages{count: count}.text(), "-K", "\t")
		config := appendedConfig(t, k, topic, address, "")
		config.Service["storage.max_chunks_up"] = fmt.Sprint(chunksUp)
		// The first flush comes after the pause: a chunk that fails goes down, and is not counted.
		config.Service["flush"] = "2"
		h := harness.StartHost(t, host, config)
		h.WaitLog(t, `paused \(storage buf overlimit`, time.Minute)
		h.WaitLog(t, `failed to flush chunk`, time.Minute)
		chunks, err := filepath.Glob(filepath.Join(config.Service["storage.path"], "*", "*.flb"))
		if err != nil || len(chunks) == 0 || len(chunks) > chunksUp {
			t.Errorf("%d chunks are on disk (%v)", len(chunks), err)
		}
		if n := countOf(k.CommittedOffsets(t, topic, topic)); n >= count {
			t.Errorf("%d of %d messages are committed: no rest is in Kafka", n, count)
		}
		target := startLineReceiverAt(t, address, count)
		target.wait(t, h)
		waitCommitted(t, k, h, topic, count)
		stop(t, h)
		target.check(t)
	})
}

// appendedConfig is kafka-to-http with further lines of the input.
func appendedConfig(t *testing.T, k *harness.Kafka, topic, address, further string) harness.HostConfig {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return harness.HostConfig{
		Service: map[string]string{"storage.path": filepath.Join(t.TempDir(), "chunks")},
		Pipeline: fmt.Sprintf(`
[INPUT]
    Name             tidegate_kafka
    Tag              kafka
    brokers          %s
    topics           %s
    group_id         %s
    commit           appended
    storage.type     filesystem
    storage.pause_on_chunks_overlimit on
    %s
[OUTPUT]
    Name             http
    Match            kafka
    Host             %s
    Port             %s
    Format           json_lines
    Retry_Limit      no_limits
`, k.Brokers(), topic, topic, further, host, port),
	}
}

// freeAddress is one at which nothing listens.
func freeAddress(t *testing.T) string {
	return fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t))
}
