package e2e_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// lettersOf is an agent that brings a topic to Loki and what is bad of it to the dead letter
// topic.
func lettersOf(k *harness.Kafka, arrived arrival, topic string, further ...string) harness.HostConfig {
	return harness.HostConfig{Pipeline: pipeline{
		brokers: k.Brokers(), topics: topic, group: topic, loki: arrived.loki.URL, labels: "job=" + arrived.job,
		input: append([]string{
			"alias source", "on_error dead_letter", "dead_letter_topic " + topic + ".dead", fmt.Sprintf("max_message_bytes %d", mixedLimit),
		}, further...),
	}.String()}
}

// Bad messages of every kind go to the dead letter topic as they were, each once and with
// where it came from; the good ones around them arrive; the group's offset reaches the end.
func TestLetters(t *testing.T) {
	k, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		k.CreateTopic(t, topic+".dead", 2)
		load := newMixture(topic, 3, 4)
		load.produce(t, k, 3000)
		arrived := arrivalOf(t, l, topic)
		config := lettersOf(k, arrived, topic)
		port := harness.FreePort(t)
		config.Service = map[string]string{"http_server": "on", "http_listen": "127.0.0.1", "http_port": strconv.Itoa(port)}
		h := harness.StartHost(t, host, config)
		arrived.host = h
		load.waitGood(t, arrived)
		load.produce(t, k, 3000)
		load.waitGood(t, arrived)
		waitAllCommitted(t, k, topic, topic)
		h.WaitLog(t, `\[ warn\].*:source\].*bad messages are sent to dead_letter_topic.*reason=json.*topic=`+topic, time.Minute)

		reasons := map[string]int{}
		for _, reason := range load.reasons {
			reasons[reason]++
		}
		url := fmt.Sprintf("http://127.0.0.1:%d/api/v2/metrics/prometheus", port)
		for _, metric := range []string{"tidegate_kafka_input_dead_letters_total", "tidegate_kafka_input_malformed_messages_total"} {
			for _, reason := range []string{"json", "too_deep", "too_large", "too_many_members"} {
				waitSample(t, url, fmt.Sprintf("%s{name=\"source\",reason=%q}", metric, reason), float64(reasons[reason]))
			}
		}
		waitSample(t, url, `tidegate_kafka_input_dead_letters_waiting{name="source"}`, 0)
		stop(t, h)
		checkCommitted(t, k, topic, topic)
		if again := load.checkGood(t, arrived); again != 0 {
			t.Errorf("%d good messages came again", again)
		}
		if again := load.checkLetters(t, "source", readAll(t, k, topic+".dead")); again != 0 {
			t.Errorf("%d letters came again", again)
		}
	})
}

// waitSample waits for a series to have a value.
func waitSample(t *testing.T, url, series string, want float64) {
	t.Helper()
	harness.Eventually(t, 30*time.Second, series, func() error {
		got, err := harness.Sample(url, series)
		if err == nil && got != want {
			err = fmt.Errorf("%v, want %v", got, want)
		}
		return err
	})
}

// While there is no dead letter topic nothing is committed past the first bad message, also
// by an agent that stops and one that starts; the good ones arrive all the same. Once the
// topic is there, everything does.
func TestLettersBeforeTheirTopic(t *testing.T) {
	k, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 1)
		load := newMixture(topic, 1, 100)
		load.produce(t, k, 1000)
		const first = 99 // the first bad one
		arrived := arrivalOf(t, l, topic)
		config := lettersOf(k, arrived, topic, "commit_interval 100ms")
		start := func() {
			arrived.host = harness.StartHost(t, host, config)
			arrived.host.WaitLog(t, `dead letters wait: a topic does not exist.*dead_letter_topic=`+topic+`\.dead`, time.Minute)
			load.waitGood(t, arrived)
		}
		committed := func(when string) {
			t.Helper()
			if got := k.CommittedOffsets(t, topic, topic)[0]; got != first {
				t.Fatalf("%s: committed %d, the first bad message is %d", when, got, first)
			}
		}
		start()
		harness.Eventually(t, time.Minute, "a commit", func() error {
			if got := k.CommittedOffsets(t, topic, topic)[0]; got != first {
				return fmt.Errorf("committed %d, the first bad message is %d", got, first)
			}
			return nil
		})
		// What comes now is delivered too, and many intervals later nothing has moved.
		load.produce(t, k, 1000)
		load.waitGood(t, arrived)
		committed("while letters wait")
		stop(t, arrived.host)
		arrived.host.WaitLog(t, `dead letters that no broker has confirmed.*letters=20`, time.Second)
		committed("after a stop")
		start()
		committed("after a start")

		k.CreateTopic(t, topic+".dead", 1)
		waitAllCommitted(t, k, topic, topic)
		stop(t, arrived.host)
		t.Logf("%d good messages came again after the stop", load.checkGood(t, arrived))
		if again := load.checkLetters(t, "source", readAll(t, k, topic+".dead")); again != 0 {
			t.Errorf("%d letters came again", again)
		}
	})
}

// An agent that is killed again and again while half of the messages are bad: none is
// missing, neither of the good ones nor of the bad.
func TestLettersOfKilledAgents(t *testing.T) {
	k, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		k.CreateTopic(t, topic+".dead", 1)
		load := newMixture(topic, 3, 2)
		arrived := arrivalOf(t, l, topic)
		config := lettersOf(k, arrived, topic, "rdkafka.session.timeout.ms 6000", "commit_interval 200ms")
		const piece, kills = 8000, 5
		for i := range kills {
			arrived.host = harness.StartHost(t, host, config)
			arrivals := func() int { return int(k.EndOffsets(t, topic+".dead")[0]) }
			if i%2 == 1 { // Loki is the slower one
				arrivals = func() int { return received(t, l) }
			}
			before := arrivals()
			load.produce(t, k, piece)
			harness.Eventually(t, time.Minute, "arrivals", func() error {
				if now := arrivals(); now < before+100*(i+1) {
					return fmt.Errorf("%d more are there", now-before)
				}
				return nil
			})
			arrived.host.Kill()
		}
		arrived.host = harness.StartHost(t, host, config)
		load.waitGood(t, arrived)
		waitAllCommitted(t, k, topic, topic)
		stop(t, arrived.host)
		good := load.checkGood(t, arrived)
		letters := load.checkLetters(t, "source", readAll(t, k, topic+".dead"))
		t.Logf("of %d messages and %d kills: %d good ones and %d letters came again", kills*piece, kills, good, letters)
	})
}

// received is how many entries a Loki was sent.
func received(t *testing.T, l *harness.Loki) int {
	t.Helper()
	n, err := l.Received()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A dead letter topic that the input reads itself is refused, in one line that names it.
func TestLettersInACircle(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for topics, further := range map[string]string{
			"orders,orders.dead": "",
			`^orders\..*`:        "exclude_topics orders.debug",
		} {
			h := harness.StartHost(t, host, harness.HostConfig{
				Pipeline: "[INPUT]\n    Name tidegate_kafka\n    Alias source\n    brokers 127.0.0.1:9\n    group_id g\n    topics " + topics +
					"\n    on_error dead_letter\n    dead_letter_topic orders.dead\n    commit appended\n    " + further + "\n[OUTPUT]\n    Name null\n    Match *\n",
			})
			if code := h.ExitCode(t, 30*time.Second); code == 0 || killedBySignal(code) {
				t.Errorf("%s: exit code %d", topics, code)
			}
			found := regexp.MustCompile(`(?m)^.*dead_letter_topic.*$`).FindAllString(h.Log(), -1)
			if len(found) != 1 || !strings.Contains(found[0], ":source]") || !strings.Contains(found[0], `is among the topics to read`) {
				t.Errorf("%s: the log says of it:\n%s", topics, strings.Join(found, "\n"))
			}
		}
		// One that is excluded is none.
		h := harness.StartHost(t, host, harness.HostConfig{
			Pipeline: "[INPUT]\n    Name tidegate_kafka\n    brokers 127.0.0.1:9\n    group_id g\n    topics ^orders\\..*\n    exclude_topics orders.dead" +
				"\n    on_error dead_letter\n    dead_letter_topic orders.dead\n    commit appended\n[OUTPUT]\n    Name null\n    Match *\n",
		})
		h.WaitLog(t, `cannot reach Kafka`, time.Minute)
		h.Kill()
	})
}

// on_error drop: bad messages are counted by reason and told of, the good ones arrive, and
// the offset passes both.
func TestDroppedMessages(t *testing.T) {
	k, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 2)
		load := newMixture(topic, 2, 3)
		load.produce(t, k, 3000)
		reasons := map[string]int{}
		for _, reason := range load.reasons {
			reasons[reason]++
		}
		arrived := arrivalOf(t, l, topic)
		port := harness.FreePort(t)
		h := harness.StartHost(t, host, harness.HostConfig{
			Service: map[string]string{"http_server": "on", "http_listen": "127.0.0.1", "http_port": strconv.Itoa(port)},
			Pipeline: pipeline{
				brokers: k.Brokers(), topics: topic, group: topic, loki: l.URL, labels: "job=" + topic,
				input: []string{"alias source", "on_error drop", fmt.Sprintf("max_message_bytes %d", mixedLimit)},
			}.String(),
		})
		arrived.host = h
		load.waitGood(t, arrived)
		waitAllCommitted(t, k, topic, topic)
		url := fmt.Sprintf("http://127.0.0.1:%d/api/v2/metrics/prometheus", port)
		for reason, count := range reasons {
			waitSample(t, url, fmt.Sprintf("tidegate_kafka_input_malformed_messages_total{name=\"source\",reason=%q}", reason), float64(count))
			h.WaitLog(t, `\[error\].*:source\].*bad messages are dropped.*reason=`+reason+`.*topic=`+topic+`.*offset=\d+`, time.Minute)
		}
		stop(t, h)
		if again := load.checkGood(t, arrived); again != 0 {
			t.Errorf("%d good messages came again", again)
		}
		// Throttled: 1,000 bad messages are not 1,000 lines.
		if n := strings.Count(h.Log(), "bad messages are dropped"); n > 2*len(reasons) {
			t.Errorf("%d lines tell of bad messages", n)
		}
	})
}
