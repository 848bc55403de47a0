package abi_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// allFour has every plugin of the product in one process: dummy to Kafka, and from there to a Loki that takes everything and to
// LogTide.
const allFour = `
[SERVICE]
    Plugins_File   PRODUCT
    Flush          0.2
    Grace          5
    scheduler.base 1
    scheduler.cap  2
[INPUT]
    Name     dummy
    Tag      made
    Samples  2000
    Rate     2000
    Metadata {"m":{"a":[1,-2,3.5,null,true]}}
    Dummy    {"service":"pay","level":"info","message":"caf\u00e9","nested":{"x":[1,{"y":"z"}]},"trace_id":"t"}
[OUTPUT]
    Name    tidegate_kafka
    Alias   to-kafka
    Match   made
    brokers BROKERS
    topic   TOPIC
    message_key $service
    Workers 2
    Retry_Limit no_limits
[INPUT]
    Name     tidegate_kafka
    Alias    from-kafka
    brokers  BROKERS
    topics   TOPIC
    group_id TOPIC
    topic_tag read.$topic
    ack_from to-loki,to-logtide
[OUTPUT]
    Name    tidegate_loki
    Alias   to-loki
    Match   read.*
    url     LOKI
    labels  service=$service,level=$level
    Retry_Limit no_limits
[OUTPUT]
    Name    tidegate_logtide
    Alias   to-logtide
    Match   read.*
    url     LOGTIDE
    api_key LOGTIDE_KEY
    Workers 1
    Retry_Limit no_limits
`

// The four plugins through init, 2,000 records each, a retry, and exit: what they and librdkafka took from C is given back, once,
// and not used after that.
func TestPluginsUnderSanitizers(t *testing.T) {
	product(t)
	k := harness.StartKafka(t, harness.KafkaOptions{})
	t.Run("address", func(t *testing.T) {
		plugins, path := asanPlugins(t)
		driveAllFour(t, k, asanHost(), plugins, "address", path, asanOptions).clean()
	})
	t.Run("valgrind", func(t *testing.T) {
		plugins, path := product(t)
		v := underValgrind(t)
		driveAllFour(t, k, v.program, plugins, "valgrind", path)
		for _, e := range v.errors(t) {
			t.Errorf("valgrind:\n%s", e)
		}
	})
}

// driveAllFour ends with a host that exited with 0.
func driveAllFour(t *testing.T, k *harness.Kafka, host, plugins, topic string, env ...string) *process {
	t.Helper()
	k.CreateTopic(t, topic, 3)
	loki := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(loki.Close)
	store := logtide.Start(t)
	store.Next(1, logtide.Answer{Status: http.StatusServiceUnavailable})
	p := start(t, host, strings.NewReplacer("PRODUCT", plugins, "BROKERS", k.Brokers(), "TOPIC", topic,
		"LOKI", loki.URL, "LOGTIDE_KEY", logtide.DefaultKey, "LOGTIDE", store.URL).Replace(allFour), env...)
	harness.Eventually(t, 2*time.Minute, "all records at LogTide", func() error {
		select {
		case <-p.ended:
			return harness.Hopeless{Err: errors.New("the host ended")}
		default:
		}
		if n := store.Len(); n < 2000 {
			return fmt.Errorf("%d of 2000 records", n)
		}
		return nil
	})
	p.stop()
	for _, name := range []string{"to-kafka", "to-loki", "to-logtide"} {
		p.expect(name, map[string]int{"ok": 2000, "dropped": 0, "errors": 0, "pending": 0})
	}
	return p
}
