package e2e_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// logtideTarget is the contract server, waiting for a load whose numbers stand in the
// messages.
type logtideTarget struct {
	*logtide.Server
	count  int
	number *regexp.Regexp
}

func startLogTide(t *testing.T, count int, number string) *logtideTarget {
	t.Helper()
	return &logtideTarget{Server: logtide.Start(t), count: count, number: regexp.MustCompile(number)}
}

// check waits until the load is there, and demands each number once and no request that
// the server refused.
func (l *logtideTarget) check(t *testing.T, h *harness.Host) {
	t.Helper()
	harness.Eventually(t, time.Minute, "logs at LogTide", func() error {
		switch got := l.Len(); {
		case got >= l.count:
			return nil
		case h.Exited():
			return harness.Hopeless{Err: fmt.Errorf("%d of %d logs are there, and the host has ended", got, l.count)}
		default:
			return fmt.Errorf("%d of %d logs are there", got, l.count)
		}
	})
	stop(t, h)
	got := make(numbers, l.count)
	for _, log := range l.Logs() {
		found := l.number.FindStringSubmatch(log.Message)
		if found == nil {
			t.Fatalf("unexpected log %+v", log)
		}
		n, err := strconv.Atoi(found[1])
		if err != nil || n >= l.count {
			t.Fatalf("no number of this load in %q", log.Message)
		}
		got[n]++
	}
	got.once(t)
	l.checkAccepted(t)
}

// checkAccepted demands that no request was refused: what LogTide does not take has been
// put right before it was sent.
func (l *logtideTarget) checkAccepted(t *testing.T) {
	t.Helper()
	for _, r := range l.Requests() {
		if r.Status != http.StatusOK {
			t.Errorf("a request of %d logs was answered %d", r.Logs, r.Status)
		}
	}
}

// loadNumber is where the messages of the generated load have their number.
const loadNumber = `^request (\d+) took`

func TestPipelineKafkaToLogTide(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachReady(t, "kafka-to-logtide", func(t *testing.T, r ready) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 4)
		client.Produce(t, topic, messages{count: pipelineLoad}.text(), "-K", "\t")
		target := startLogTide(t, pipelineLoad, loadNumber)
		target.check(t, r.start(t, logtideEnv(k, topic, target)))
		checkCommitted(t, k, topic, topic)
	})
}

func logtideEnv(k *harness.Kafka, topic string, target *logtideTarget) map[string]string {
	return map[string]string{
		"KAFKA_BROKERS": k.Brokers(), "KAFKA_TOPICS": topic, "KAFKA_GROUP": topic,
		"LOGTIDE_URL": target.URL, "LOGTIDE_API_KEY": logtide.DefaultKey,
	}
}

// The libraries that LogTide's guide has applications use feed the same pipeline.
func TestProducersToLogTide(t *testing.T) {
	k, _ := servers(t)
	producers, absent := harness.NeedProducers(t, k)
	for name, err := range absent {
		t.Run(name, func(t *testing.T) { t.Skipf("needs the %s producer: %v", name, err) })
	}
	for _, p := range producers {
		t.Run(p.Name, func(t *testing.T) {
			eachReady(t, "kafka-to-logtide", func(t *testing.T, r ready) {
				topic := uniqueName(t)
				k.CreateTopic(t, topic, 3)
				p.Produce(t, topic, pipelineLoad)
				target := startLogTide(t, pipelineLoad, `^event (\d+)$`)
				target.check(t, r.start(t, logtideEnv(k, topic, target)))
				checkCommitted(t, k, topic, topic)
			})
		})
	}
}

// One topic, two groups: Loki and LogTide each get everything, and each group commits its
// own offsets.
func TestPipelineTwoGroups(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachReady(t, "kafka-two-groups", func(t *testing.T, r ready) {
		l := ownLoki(t)
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 4)
		load := messages{count: pipelineLoad}
		client.Produce(t, topic, load.text(), "-K", "\t")
		arrived := arrivalOf(t, l, "kafka")
		target := startLogTide(t, pipelineLoad, loadNumber)
		env := logtideEnv(k, topic, target)
		env["LOKI_URL"] = l.URL
		h := r.start(t, env)
		arrived.host = h
		arrived.check(t, load, time.Minute)
		target.check(t, h)
		checkCommitted(t, k, topic+"-loki", topic)
		checkCommitted(t, k, topic+"-logtide", topic)
	})
}

// breaks are the ways in which a record can break LogTide's rules; %d is its number. Half of
// the services and levels are right, so that one fault is not hidden by another.
var breaks = []string{
	`{"n":%d}`,
	`{"n":%d,"message":""}`,
	`{"n":%d,"message":{"nested":true},"level":"info"}`,
	`{"n":%d,"message":17,"level":"WARNING"}`,
	`{"n":%d,"message":"m","level":"verbose"}`,
	`{"n":%d,"message":"m","level":50}`,
	`{"n":%d,"message":"m","level":{"a":1}}`,
	`{"n":%d,"message":"m","level":"no such level"}`,
	`{"n":%d,"message":"m","service":""}`,
	`{"n":%d,"message":"m","service":"` + longService + `"}`,
	`{"n":%d,"message":"m","service":["a"]}`,
	`{"n":%d,"message":"m","time":"yesterday"}`,
	`{"n":%d,"message":"m","time":"2026-11-20T10:00:00+02:00"}`,
	`{"n":%d,"message":"nul \u0000 inside","service":"s\u0000","x":{"y\u0000":"\u0000"}}`,
	`{"n":%d,"message":"m","trace_id":12,"span_id":"not hex"}`,
	`{"n":%d,"message":"m","span_id":"00F067AA0BA902B7"}`,
	`{"n":%d,"message":"m","metadata":"text"}`,
	`{"n":%d,"message":"m","metadata":{"n":"other","k":[1,{"a":null}]}}`,
	"{\"n\":%d,\"message\":\"not utf-8 \xff\xfe\"}",
	`{"n":%d,"MESSAGE":"journald","PRIORITY":"3","_SYSTEMD_UNIT":"a.service","__REALTIME_TIMESTAMP":"x"}`,
}

// longService is above the 100 characters that LogTide takes.
const longService = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789-and-more"

// Of 10,000 records 1 % break LogTide's rules, in every way: each arrives, put right.
func TestLogTideTakesBrokenRecords(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	const count = 10_000
	var load []byte
	for n := range count {
		form := `{"n":%d,"service":"good","level":"info","message":"fine"}`
		if n%100 == 7 {
			form = breaks[n/100%len(breaks)]
		}
		load = fmt.Appendf(load, form+"\n", n)
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 4)
		client.Produce(t, topic, string(load))
		target := startLogTide(t, count, "")
		root, err := harness.Root()
		if err != nil {
			t.Fatal(err)
		}
		h := harness.StartHost(t, host, harness.HostConfig{
			File: root + "/conf/kafka-to-logtide.conf", Env: logtideEnv(k, topic, target),
		})
		harness.Eventually(t, time.Minute, "logs at LogTide", func() error {
			if got := target.Len(); got < count {
				return fmt.Errorf("%d of %d logs are there", got, count)
			}
			return nil
		})
		stop(t, h)
		times := target.Numbers("n")
		for n := range count {
			if times[n] != 1 {
				t.Errorf("record %d is there %d times", n, times[n])
			}
		}
		target.checkAccepted(t)
		checkCommitted(t, k, topic, topic)
	})
}
