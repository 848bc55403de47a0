package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// A Loki that is not there yet costs nothing but time.
func TestLokiComesUpLate(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		load := messages{count: 5000}
		k.CreateTopic(t, job, 2)
		client.Produce(t, job, load.text(), "-K", "\t")
		port := harness.FreePort(t)
		config := harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			loki: fmt.Sprintf("http://127.0.0.1:%d", port), labels: "job=" + job + "," + labelsOfLoad,
		}.String()}
		metrics := config.ServeMetrics(t)
		h := harness.StartHost(t, host, config)
		h.WaitLog(t, `(?i)tidegate_loki.*refused`, time.Minute)

		l := harness.StartLoki(t, harness.LokiOptions{Port: port, Limits: openLimits})
		arrived := arrivalOf(t, l, job)
		arrived.base, arrived.starting = 0, true // the host may have been quicker
		arrived.from = arrived.from.Add(-10 * time.Minute)
		arrived.host = h
		arrived.check(t, load, time.Minute)
		// What the server counted above may have been refused; this was taken.
		waitSample(t, metrics, `tidegate_loki_pushed_entries_total{name="tidegate_loki.0",status="204",tenant=""}`, float64(load.count))
	})
}

// refusing stands in front of a Loki and answers the first pushes itself.
type refusing struct {
	statuses []int
	next     atomic.Int64
	loki     http.Handler
}

func (r *refusing) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if n := int(r.next.Add(1)) - 1; n < len(r.statuses) {
		http.Error(w, "not now", r.statuses[n])
		return
	}
	r.loki.ServeHTTP(w, request)
}

// Answers that mean "later" make the host try again, and the data arrives once.
func TestLokiRefusesForAWhile(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	target, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		gate := &refusing{statuses: []int{429, 500, 503, 429}, loki: httputil.NewSingleHostReverseProxy(target)}
		server := httptest.NewServer(gate)
		t.Cleanup(server.Close)
		load := messages{count: 5000}
		k.CreateTopic(t, job, 2)
		client.Produce(t, job, load.text(), "-K", "\t")
		arrived := arrivalOf(t, l, job)
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			loki: server.URL, labels: "job=" + job + "," + labelsOfLoad,
		}.String()})
		arrived.host = h
		arrived.check(t, load, time.Minute)
		if n := gate.next.Load(); n <= int64(len(gate.statuses)) {
			t.Errorf("%d pushes came: none was answered by Loki", n)
		}
		h.WaitLog(t, `tidegate_loki.*(429|500|503)`, time.Second)
	})
}

// unreachable is how the input says that it has no broker.
const unreachable = `tidegate_kafka.*cannot reach Kafka`

// A broker that is not reachable at the start is said once, plainly, and waited for.
func TestBrokerComesUpLate(t *testing.T) {
	_, l := servers(t)
	k := harness.StartKafka(t, harness.KafkaOptions{})
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		k.CreateTopic(t, job, 2)
		k.StopBroker(t, 0)
		arrived := arrivalOf(t, l, job)
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			loki: l.URL, labels: "job=" + job + "," + labelsOfLoad,
		}.String()})
		h.WaitLog(t, unreachable+`.*`+k.Brokers(), time.Minute)
		k.StartBroker(t, 0)
		if h.Exited() {
			t.Fatal("the agent did not wait for the broker")
		}
		if lines := regexp.MustCompile(unreachable).FindAllString(h.Log(), -1); len(lines) != 1 {
			t.Errorf("said %d times that the broker cannot be reached", len(lines))
		}
		load := messages{count: 1000}
		client.Produce(t, job, load.text(), "-K", "\t")
		arrived.host = h
		arrived.check(t, load, time.Minute)
	})
}
