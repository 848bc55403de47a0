package inkafka

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// sampleStatistics has the members that are read, as librdkafka's STATISTICS.md
// describes them, among others.
const sampleStatistics = `{"name": "rdkafka#consumer-1", "brokers": {
	"localhost:9092/bootstrap": {"name": "localhost:9092/bootstrap", "nodeid": -1, "state": "UP"},
	"localhost:9092/2": {"name": "localhost:9092/2", "nodeid": 2, "state": "UP", "rtt": {"min": 1, "avg": 2500}},
	"localhost:9093/3": {"name": "localhost:9093/3", "nodeid": 3, "state": "TRY_CONNECT", "rtt": {"avg": 0}}},
	"topics": {"logs": {"topic": "logs", "partitions": {
		"0": {"partition": 0, "desired": true, "consumer_lag": 10, "consumer_lag_stored": 12},
		"1": {"partition": 1, "desired": true, "consumer_lag": 7, "consumer_lag_stored": -1},
		"2": {"partition": 2, "desired": false, "consumer_lag": 5, "consumer_lag_stored": 5},
		"3": {"partition": 3, "desired": true, "consumer_lag": -1, "consumer_lag_stored": -1},
		"-1": {"partition": -1, "desired": false}}}}}`

func TestStatistics(t *testing.T) {
	t.Parallel()
	p := newPartitions(prometheus.NewRegistry())
	if err := p.enter(sampleStatistics); err != nil {
		t.Fatal(err)
	}
	for labels, want := range map[[2]string]float64{{"logs", "0"}: 12, {"logs", "1"}: 7, {"logs", "2"}: 0} {
		if got := gauge(t, p.lag.WithLabelValues(labels[:]...)); got != want {
			t.Errorf("lag of %v: %v, want %v", labels, got, want)
		}
	}
	for broker, want := range map[string]float64{"localhost:9092/2": 1, "localhost:9093/3": 0} {
		if got := gauge(t, p.brokerUp.WithLabelValues(broker)); got != want {
			t.Errorf("broker %s is up: %v", broker, got)
		}
	}
	if got := gauge(t, p.rtt.WithLabelValues("localhost:9092/2")); got != 0.0025 {
		t.Errorf("a request takes %v s", got)
	}
	// Each has a series without labels, so that the family is there at the start.
	for family, want := range map[prometheus.Collector]int{p.lag: 4, p.brokerUp: 3} {
		if got := count(family); got != want {
			t.Errorf("%d series, want %d", got, want)
		}
	}
	p.revoked("logs", 0)
	if lag := gauge(t, p.lag.WithLabelValues("logs", "0")); lag != 0 {
		t.Errorf("a revoked partition has a lag of %v", lag)
	}
	if p.enter("{") == nil {
		t.Error("half a text was taken")
	}
}

func gauge(t *testing.T, g prometheus.Metric) float64 {
	t.Helper()
	var m dto.Metric
	if err := g.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetGauge().GetValue()
}

func count(of prometheus.Collector) (n int) {
	all := make(chan prometheus.Metric, 100)
	of.Collect(all)
	return len(all)
}
