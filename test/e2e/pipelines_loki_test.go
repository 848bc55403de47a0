package e2e_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// ownLoki is a server for one run: the ready configurations choose the labels, so runs
// would meet in the package's.
func ownLoki(t *testing.T) *harness.Loki {
	t.Helper()
	return harness.StartLoki(t, harness.LokiOptions{Limits: openLimits})
}

func TestPipelineKafkaToLoki(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachReady(t, "kafka-to-loki", func(t *testing.T, r ready) {
		l := ownLoki(t)
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 4)
		load := messages{count: pipelineLoad}
		client.Produce(t, topic, load.text(), "-K", "\t")
		arrived := arrivalOf(t, l, "kafka")
		h := r.start(t, map[string]string{
			"KAFKA_BROKERS": k.Brokers(), "KAFKA_TOPICS": topic, "KAFKA_GROUP": topic, "LOKI_URL": l.URL,
		})
		arrived.host = h
		arrived.check(t, load, time.Minute)
		stop(t, h)
		checkCommitted(t, k, topic, topic)
	})
}
