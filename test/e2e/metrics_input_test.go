package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/fault"
	"github.com/tidegate/tidegate/test/harness"
)

// The input's metrics tell that nothing gets delivered while Loki is away and the agent drops
// what it cannot send, and that all is well once Loki is back. A filter drops half of it.
func TestMetricsInTrouble(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		const count = 100
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 1)
		var load strings.Builder
		for n := range count {
			fmt.Fprintf(&load, "{\"n\":\"%d\"}\n", n)
		}
		client.Produce(t, topic, load.String())
		filter := fault.Drop("n", "[02468]$")
		if !host.FluentBit {
			filter = fault.DropEach("2")
		}
		proxy := harness.StartProxy(t, l.Address())
		proxy.Cut()
		config := harness.HostConfig{
			Pipeline: ackPipeline(k.Brokers(), topic, topic, "stuck_after 2s", filter+fmt.Sprintf(
				"[OUTPUT]\n    Name tidegate_loki\n    Alias store\n    Match *\n    url http://%s\n    labels job=%s\n    Retry_Limit 1\n", proxy.Address(), topic)),
		}
		url := config.ServeMetrics(t)
		h := harness.StartHost(t, host, config)
		h.WaitLog(t, "partitions assigned", time.Minute)
		in := inputMetrics{t, url}
		broker := "127.0.0.1:" + k.Brokers()[strings.LastIndexByte(k.Brokers(), ':')+1:] + "/1"
		lag := fmt.Sprintf(`lag_records{name="in",partition="0",topic=%q}`, topic)

		in.want(`rebalances_total{name="in",change="assigned"}`, 1)
		in.want(`in_flight_records{name="in"}`, count)
		in.above(`in_flight_bytes{name="in"}`, 0)
		in.above(`oldest_record_age_seconds{name="in"}`, 1)
		in.want(`stuck{name="in"}`, 1)
		in.want(lag, count)
		in.want(fmt.Sprintf(`broker_up{name="in",broker=%q}`, broker), 1)
		in.above(fmt.Sprintf(`broker_rtt_seconds{name="in",broker=%q}`, broker), 0)
		in.above(`redelivered_batches_total{name="in",reason="dropped"}`, 0)
		in.want(`filtered_records_total{name="in"}`, 0)
		commits := in.value(`commit_duration_seconds_count{name="in"}`) // of the start

		// What is delivered after it tells that a part of a batch was filtered.
		proxy.Heal()
		client.Produce(t, topic, load.String())
		in.want(`in_flight_records{name="in"}`, 0)
		in.want(`in_flight_bytes{name="in"}`, 0)
		in.want(`oldest_record_age_seconds{name="in"}`, 0)
		in.want(`stuck{name="in"}`, 0)
		in.want(`filtered_records_total{name="in"}`, count)
		in.above(`commit_duration_seconds_count{name="in"}`, commits)
		in.want(lag, 0)
		waitAllCommitted(t, k, topic, topic)

		_, leave := member(t, k, topic, topic, "cooperative-sticky")
		in.above(`rebalances_total{name="in",change="assigned"}`, 1)
		leave()
		stop(t, h)
	})
}

// inputMetrics are those of an agent's Kafka input.
type inputMetrics struct {
	t   *testing.T
	url string
}

// want waits for a series to have a value, above for it to have a larger one.
func (m inputMetrics) want(series string, want float64) {
	m.t.Helper()
	waitSample(m.t, m.url, "tidegate_kafka_input_"+series, want)
}

func (m inputMetrics) value(series string) float64 {
	m.t.Helper()
	got, err := harness.Sample(m.url, "tidegate_kafka_input_"+series)
	if err != nil {
		m.t.Fatal(err)
	}
	return got
}

func (m inputMetrics) above(series string, bound float64) {
	m.t.Helper()
	series = "tidegate_kafka_input_" + series
	harness.Eventually(m.t, 30*time.Second, series, func() error {
		got, err := harness.Sample(m.url, series)
		if err == nil && got <= bound {
			err = fmt.Errorf("%v, want more than %v", got, bound)
		}
		return err
	})
}
