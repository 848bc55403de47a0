package e2e_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// filesEnv is the environment of the pipelines that begin with files.
func filesEnv(k *harness.Kafka, dir, topic string) map[string]string {
	return map[string]string{
		"LOG_FILES": filepath.Join(dir, "*.log*"), "STATE_DIR": filepath.Join(dir, "state"),
		"KAFKA_BROKERS": k.Brokers(), "KAFKA_TOPIC": topic,
	}
}

// Files with rotations on the way, some quicker than the agent looks and one of a file that
// it is reading: each line is a message, byte for byte, once.
func TestPipelineFilesToKafka(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachReady(t, "files-to-kafka", func(t *testing.T, r ready) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		log := newRotatedLog(t, "app.log")
		h := r.start(t, filesEnv(k, log.dir, topic))
		const half = pipelineLoad / 2
		written := log.write(t, messages{count: half}, half/3)
		waitProduced(t, k, h, half, topic)
		written = append(written, log.write(t, messages{first: half, count: half}, half/2)...)
		waitProduced(t, k, h, pipelineLoad, topic)
		stop(t, h)
		sameMessages(t, client.Consume(t, topic, "%s\n"), written)
	})
}

// Two agents, as on a node and beside Loki: files to Kafka, and Kafka to Loki.
func TestPipelineFilesToKafkaToLoki(t *testing.T) {
	k, _ := servers(t)
	eachReady(t, "files-to-kafka", func(t *testing.T, r ready) {
		l := ownLoki(t)
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		log := newRotatedLog(t, "app.log")
		load := messages{count: pipelineLoad}
		arrived := arrivalOf(t, l, "kafka")
		node := r.start(t, filesEnv(k, log.dir, topic))
		consumer := r.sibling("kafka-to-loki").start(t, map[string]string{
			"KAFKA_BROKERS": k.Brokers(), "KAFKA_TOPICS": topic, "KAFKA_GROUP": topic, "LOKI_URL": l.URL,
		})
		arrived.host = consumer
		log.write(t, load, pipelineLoad/4)
		arrived.check(t, load, 2*time.Minute)
		stop(t, node)
		stop(t, consumer)
		checkCommitted(t, k, topic, topic)
	})
}

// The same in one agent.
func TestPipelineFilesKafkaLoki(t *testing.T) {
	k, _ := servers(t)
	eachReady(t, "files-kafka-loki", func(t *testing.T, r ready) {
		l := ownLoki(t)
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		log := newRotatedLog(t, "app.log")
		load := messages{count: pipelineLoad}
		arrived := arrivalOf(t, l, "files")
		env := filesEnv(k, log.dir, topic)
		env["KAFKA_GROUP"], env["LOKI_URL"] = topic, l.URL
		h := r.start(t, env)
		arrived.host = h
		log.write(t, load, pipelineLoad/4)
		arrived.check(t, load, 2*time.Minute)
		stop(t, h)
		checkCommitted(t, k, topic, topic)
	})
}
