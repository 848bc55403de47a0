package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// The agent's own metrics have what each instance counted, errors by reason from 0, under
// the instance's name.
func TestMetrics(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	target := logtide.Start(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		copied := job + "-copy"
		k.CreateTopic(t, job, 2)
		k.CreateTopic(t, copied, 1)
		client.Produce(t, job, strings.Repeat("{\"a\":1}\n", 97)+strings.Repeat("no JSON\n", 3))
		port := harness.FreePort(t)
		h := harness.StartHost(t, host, harness.HostConfig{
			Service: map[string]string{"http_server": "on", "http_listen": "127.0.0.1", "http_port": strconv.Itoa(port)},
			Pipeline: pipeline{
				brokers: k.Brokers(), topics: job, group: job, input: []string{"alias source", "ack_from store,tide,copy"},
				loki: l.URL, labels: "job=" + job, output: []string{"alias store"},
			}.String() + `
[OUTPUT]
    Name    tidegate_logtide
    Alias   tide
    Match   *
    url     ` + target.URL + `
    api_key ` + logtide.DefaultKey + `
[OUTPUT]
    Name    tidegate_kafka
    Alias   copy
    Match   *
    brokers ` + k.Brokers() + `
    topic   ` + copied + `
[OUTPUT]
    Name    tidegate_loki
    Alias   nobody
    Match   *
    url     http://127.0.0.1:1
    labels  job=` + job + `
`})
		url := fmt.Sprintf("http://127.0.0.1:%d/api/v2/metrics/prometheus", port)
		for series, want := range map[string]float64{
			`tidegate_kafka_input_records_total{name="source",topic="` + job + `"}`:                     100,
			`tidegate_kafka_input_malformed_messages_total{name="source",reason="json"}`:                3,
			`tidegate_kafka_input_tombstones_total{name="source"}`:                                      0,
			`tidegate_kafka_input_rebalances_total{name="source",change="lost"}`:                        0,
			`tidegate_kafka_input_broken_clients_total{name="source"}`:                                  0,
			`tidegate_kafka_input_redelivered_batches_total{name="source",reason="dropped"}`:            0,
			`tidegate_kafka_input_redelivered_batches_total{name="source",reason="not_taken"}`:          0,
			`tidegate_loki_delivered_records_total{name="store"}`:                                       100,
			`tidegate_loki_rejected_records_total{name="store",reason="too_old"}`:                       0,
			`tidegate_loki_requests_total{name="store",outcome="unavailable"}`:                          0,
			`tidegate_loki_delivered_records_total{name="nobody"}`:                                      0,
			`tidegate_logtide_delivered_records_total{name="tide"}`:                                     100,
			`tidegate_logtide_rejected_records_total{name="tide",reason="refused"}`:                     0,
			`tidegate_kafka_output_delivered_records_total{name="copy"}`:                                100,
			`tidegate_kafka_output_rejected_records_total{name="copy",reason="too_large"}`:              0,
			`tidegate_kafka_output_default_topic_records_total{name="copy",reason="topic_not_allowed"}`: 0,
			`tidegate_kafka_output_client_errors_total{name="copy",kind="unreachable"}`:                 0,
		} {
			harness.Eventually(t, 30*time.Second, series, func() error {
				got, err := harness.Sample(url, series)
				if err == nil && got != want {
					err = fmt.Errorf("%v, want %v", got, want)
				}
				return err
			})
		}
		for _, series := range []string{ // whose values depend on the run
			`tidegate_kafka_input_bytes_total{name="source",topic="` + job + `"}`,
			`tidegate_kafka_input_commit_duration_seconds_count{name="source"}`,
			`tidegate_loki_requests_total{name="nobody",outcome="unavailable"}`,
			`tidegate_loki_retried_chunks_total{name="nobody"}`,
			`tidegate_loki_received_bytes_total{name="store"}`, `tidegate_loki_sent_bytes_total{name="store"}`,
			`tidegate_loki_request_duration_seconds_count{name="store"}`, `tidegate_loki_request_duration_seconds_bucket{le="+Inf",name="store"}`,
			`tidegate_logtide_sent_bytes_total{name="tide"}`, `tidegate_kafka_output_sent_bytes_total{name="copy"}`,
			`tidegate_process_goroutines{name="copy"}`, `tidegate_process_go_memory_bytes{name="copy"}`,
		} {
			harness.Eventually(t, 30*time.Second, series, func() error {
				got, err := harness.Sample(url, series)
				if err == nil && got <= 0 {
					err = fmt.Errorf("%v, want more than 0", got)
				}
				return err
			})
		}
		stop(t, h)
	})
}
