package outkafka

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/tidegate/tidegate/common/metric"
	"github.com/tidegate/tidegate/common/plugin"
)

// realBroker returns the address of a broker of Apache Kafka to test on. The
// mock broker has no limits that it could refuse a batch for.
func realBroker(t *testing.T) string {
	t.Helper()
	brokers := os.Getenv("KAFKA")
	if brokers == "" {
		t.Skip("set KAFKA=host:port to run this on a real broker")
	}
	return brokers
}

// makeTopic makes a topic of two partitions with a name of its own.
func makeTopic(t *testing.T, brokers, name string, config map[string]string) string {
	t.Helper()
	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": brokers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	name += time.Now().UTC().Format(".150405.000000000")
	results, err := admin.CreateTopics(t.Context(), []kafka.TopicSpecification{{Topic: name, NumPartitions: 2, ReplicationFactor: 1, Config: config}})
	if err != nil || results[0].Error.Code() != kafka.ErrNoError {
		t.Fatal(err, results)
	}
	return name
}

// TestBrokerRefusesBatch: a batch that the broker refuses for one record, or
// only for its size, costs that record alone.
func TestBrokerRefusesBatch(t *testing.T) {
	brokers := realBroker(t)
	const n = 1000
	f := func(config map[string]string, bad []byte, why reason, settings ...string) {
		t.Helper()
		topic := makeTopic(t, brokers, why.String(), config)
		o, log := newTestOutput(t, append(settings, "brokers="+brokers, "topic="+topic)...)
		data := append(append(numbered(0, n/2), bad...), numbered(n/2, n)...)
		flush(t, o, data, plugin.OK)
		checkNumbers(t, consume(t, brokers, n, topic), n)
		if got := o.report.rejected.Records(why); got != 1 {
			t.Errorf("%d rejected because of %s; log:\n%s", got, why, log)
		}
		if metric.Sum(o.report.counts.Delivered) != n {
			t.Errorf("%d delivered", metric.Sum(o.report.counts.Delivered))
		}
	}
	large := appendRecord(nil, someTime, "n", strings.Repeat("x", 5000))
	f(map[string]string{"max.message.bytes": "2000", "message.timestamp.type": "CreateTime"}, large, tooLarge)
	f(map[string]string{"cleanup.policy": "compact"}, appendRecord(nil, someTime, "key", "none"), invalidRecord, "message_key=$n")
	late := appendRecord(nil, time.Now().Add(48*time.Hour).UnixNano(), "n", "from the day after tomorrow")
	f(map[string]string{"message.timestamp.after.max.ms": "3600000"}, late, invalidTime)
}

// TestBrokerHasNoTopic: records wait for a topic that does not exist, and the
// log says so.
func TestBrokerHasNoTopic(t *testing.T) {
	brokers := realBroker(t)
	topic := "missing" + time.Now().UTC().Format(".150405.000000000")
	o, log := newTestOutput(t, "brokers="+brokers, "topic="+topic, "flush_timeout=3s", "rdkafka.topic.metadata.propagation.max.ms=500")
	flush(t, o, numbered(0, 10), plugin.Retry)
	if !strings.Contains(log.String(), "a topic does not exist; its records wait until it does") || !strings.Contains(log.String(), "topic="+topic) {
		t.Errorf("log:\n%s", log)
	}
}
