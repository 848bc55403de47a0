package e2e_test

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// While there is no dead letter topic, what LogTide took is committed and nothing is past what
// it refused; no request is made again. Once the topic is there, everything is done.
func TestLettersOfLogTideBeforeTheirTopic(t *testing.T) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 4)
		server, inner := startPoisoned(t)
		to := poisoned(server, inner)
		places := produceLoad(t, k, topic, to.odd)
		port := harness.FreePort(t)
		h := harness.StartHost(t, host, harness.HostConfig{
			Service:  map[string]string{"http_server": "on", "http_listen": "127.0.0.1", "http_port": strconv.Itoa(port)},
			Pipeline: pipelineTo(k, topic, append(to.output, "timeout 1s", "dead_letter_topic "+topic+".dead", "dead_letter_brokers "+k.Brokers())),
		})
		h.WaitLog(t, `dead letters wait: a topic does not exist.*dead_letter_topic=`+topic+`\.dead`, time.Minute)
		// Records 0 and 200 are in the first partition, 999 is the last one of the last.
		want := harness.Offsets{1: 250, 2: 250, 3: 249}
		committed := func() error {
			got := k.CommittedOffsets(t, topic, topic)
			if got[0] != 0 {
				return harness.Hopeless{Err: fmt.Errorf("committed %v past what has no letter", got)}
			}
			if delete(got, 0); !maps.Equal(got, want) {
				return fmt.Errorf("committed %v, want %v", got, want)
			}
			return nil
		}
		harness.Eventually(t, time.Minute, "commits", committed)
		requests := server.requests.Load()
		retried := `tidegate_logtide_retried_chunks_total{name="target"}`
		url := fmt.Sprintf("http://127.0.0.1:%d/api/v2/metrics/prometheus", port)
		before, err := harness.Sample(url, retried)
		if err != nil {
			t.Fatal(err)
		}
		harness.Eventually(t, time.Minute, "retries", func() error {
			now, err := harness.Sample(url, retried)
			if err == nil && now < before+3 {
				err = fmt.Errorf("%v more", now-before)
			}
			return err
		})
		if err := committed(); err != nil {
			t.Error(err)
		}
		if again := server.requests.Load() - requests; again != 0 {
			t.Errorf("%d requests were made again", again)
		}
		k.CreateTopic(t, topic+".dead", 1)
		waitAllCommitted(t, k, topic, topic)
		waitSample(t, url, `tidegate_logtide_dead_letters_total{name="target",reason="refused"}`, 3)
		waitSample(t, url, `tidegate_logtide_rejected_records_total{name="target",reason="refused"}`, 3)
		waitSample(t, url, `tidegate_logtide_dead_letters_waiting{name="target"}`, 0)
		stop(t, h)
		to.checkStored(t)
		to.check(t, topic, places, lettersInTopic(t, k, topic+".dead"))
	})
}

// A record that is too large for its topic and, as a letter, for the dead letter topic too is
// cut, once, and its offset is committed: it goes in no circle. The topic is on the output's
// own brokers without further words.
func TestLettersOfKafkaThatDoNotFit(t *testing.T) {
	k, _ := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		small := map[string]string{"max.message.bytes": "20000"}
		k.CreateTopic(t, topic, 4)
		k.CreateTopicWith(t, topic+".out", 1, small)
		k.CreateTopicWith(t, topic+".dead", 1, small)
		places := produceLoad(t, k, topic, map[int]func(*oddRecord){
			500: func(r *oddRecord) { r.value["message"] = strings.Repeat("x", 100_000) },
		})
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipelineTo(k, topic, []string{
			"Name tidegate_kafka", "brokers " + k.Brokers(), "topic " + topic + ".out", "rdkafka.batch.size 10000", "dead_letter_topic " + topic + ".dead",
		})})
		waitAllCommitted(t, k, topic, topic)
		h.WaitLog(t, `\[ warn\].*:target\].*dead letters are cut.*dead_letter_topic=`+topic+`\.dead`, time.Minute)
		stop(t, h)
		if stored := len(readAll(t, k, topic+".out")); stored != oddLoad-1 {
			t.Errorf("%d records are stored", stored)
		}
		letters := lettersInTopic(t, k, topic+".dead")
		if len(letters) != 1 {
			t.Fatalf("%d letters", len(letters))
		}
		l, whole := letters[0], len(places[500].value)
		if l.headers["reason"] != "too_large" || l.headers["offset"] != fmt.Sprint(places[500].offset) || l.headers["cut.value"] != fmt.Sprint(whole) ||
			len(l.value) == 0 || len(l.value) >= whole {
			t.Errorf("a letter of %d bytes with %v, of a record of %d", len(l.value), l.headers, whole)
		}
	})
}
