package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// unreachableLoad is how many lines wait for servers that are not there yet.
const unreachableLoad = 3000

// An agent with all four plugins that starts while no server is there says so, for each, and
// delivers everything once they come up, one after the other.
func TestStartWithoutServers(t *testing.T) {
	k := mortalKafka(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 2)
		k.StopBroker(t, 0)
		lokiPort := harness.FreePort(t)
		logtideAddress := fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t))
		log := newRotatedLog(t, "app.log")
		log.write(t, messages{count: unreachableLoad}, unreachableLoad)
		places := strings.NewReplacer(
			"{dir}", log.dir, "{brokers}", k.Brokers(), "{topic}", topic,
			"{loki}", fmt.Sprintf("http://127.0.0.1:%d", lokiPort), "{logtide}", "http://"+logtideAddress, "{key}", logtide.DefaultKey)
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: places.Replace(unreachablePipeline)})
		for _, line := range [][]string{
			{"[input:tidegate_kafka:from]", "cannot reach Kafka", k.Brokers()},
			{"[output:tidegate_kafka:to]", "cannot reach Kafka", k.Brokers()},
			{"[output:tidegate_logtide:logtide]", "refused", logtideAddress},
		} {
			waitWords(t, h, line)
		}

		target := startLogTideAt(t, logtideAddress)
		k.StartBroker(t, 0)
		waitWords(t, h, []string{"[output:tidegate_loki:loki]", "refused", fmt.Sprint(lokiPort)}) // now it has something to send
		l := harness.StartLoki(t, harness.LokiOptions{Port: lokiPort, Limits: openLimits})

		arrived := arrivalOf(t, l, "late")
		arrived.host, arrived.base = h, 0
		arrived.wait(t, unreachableLoad, time.Minute)
		target.check(t, h) // which stops the host
		got := make(numbers, unreachableLoad)
		for _, e := range arrived.lines(t) {
			if err := got.add(e.Line); err != nil {
				t.Fatal(err)
			}
		}
		got.once(t)
		numbersOf(t, unreachableLoad, client.Consume(t, topic, "%s\n")).once(t)
		checkCommitted(t, k, topic, topic)
	})
}

const unreachablePipeline = `
[INPUT]
    Name            tail
    Tag             file
    Path            {dir}/app.log
    Read_From_Head  on
[INPUT]
    Name            tidegate_kafka
    Alias           from
    Tag             kafka
    brokers         {brokers}
    topics          {topic}
    group_id        {topic}
    ack_from        loki
[OUTPUT]
    Name            tidegate_kafka
    Alias           to
    Match           file
    brokers         {brokers}
    topic           {topic}
    format          raw
    raw_log_key     log
    Workers         2
    Retry_Limit     no_limits
[OUTPUT]
    Name            tidegate_loki
    Alias           loki
    Match           kafka
    url             {loki}
    labels          job=late
    Workers         2
    Retry_Limit     no_limits
[OUTPUT]
    Name            tidegate_logtide
    Alias           logtide
    Match           file
    url             {logtide}
    api_key         {key}
    message         $log
    Workers         2
    Retry_Limit     no_limits
`

// startLogTideAt is a contract server that comes up at an address of old.
func startLogTideAt(t *testing.T, address string) *logtideTarget {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	handler := logtide.New()
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }() // until Close
	t.Cleanup(func() { server.Close() })
	return &logtideTarget{
		Server: &logtide.Server{Handler: handler, URL: "http://" + address},
		count:  unreachableLoad, number: numberInRecord,
	}
}
