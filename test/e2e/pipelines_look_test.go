package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// dummy is an input that gives the outputs something to send, on every host.
const dummy = `
[INPUT]
    Name   dummy
    Tag    kafka.t
    Dummy  {"message":"hello","service":"s","level":"info"}
`

// An operator's first mistakes with each plugin, with {dead} for an address at which nothing
// listens and {logtide} for a LogTide that does not know the key. One line of the log is to
// hold all words of one row: the plugin, what is wrong, and what to do about it.
var looks = map[string]struct {
	pipeline string
	starts   bool // and goes on trying, which data is not lost by
	words    [][]string
}{
	"in kafka, nothing set": {
		pipeline: "[INPUT]\n    Name tidegate_kafka\n[OUTPUT]\n    Name null\n    Match *\n",
		words:    [][]string{{"tidegate_kafka", "brokers is required", "kafka-1:9092", "topics is required", "group_id is required"}},
	},
	"out kafka, nothing set": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_kafka\n    Match *\n",
		words:    [][]string{{"tidegate_kafka", "brokers is required", "kafka-1:9092", "topic is required"}},
	},
	"out loki, nothing set": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_loki\n    Match *\n",
		words:    [][]string{{"tidegate_loki", "url is required", "http://loki:3100"}},
	},
	"out logtide, nothing set": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_logtide\n    Match *\n",
		words:    [][]string{{"tidegate_logtide", "url is required", "api_key", "api_key_file"}},
	},
	"out logtide, an empty key": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_logtide\n    Match *\n    url http://{dead}\n    api_key ${NO_SUCH_VARIABLE}\n",
		words:    [][]string{{"tidegate_logtide", "api_key"}},
	},
	"out kafka, a template without its list": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_kafka\n    Match *\n    brokers {dead}\n    topic logs.$category\n",
		words:    [][]string{{"tidegate_kafka", "topic_default", "topic_allow", "required"}},
	},

	"in kafka, a wrong name": {
		pipeline: "[INPUT]\n    Name tidegate_kafka\n    brokers {dead}\n    topic t\n    group_id g\n[OUTPUT]\n    Name null\n    Match *\n",
		words:    [][]string{{"tidegate_kafka", "topic"}},
	},
	"out kafka, a wrong name": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_kafka\n    Match *\n    brokers {dead}\n    topics t\n",
		words:    [][]string{{"tidegate_kafka", "topics"}},
	},
	"out loki, a wrong name": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_loki\n    Match *\n    url http://{dead}\n    labls a=b\n",
		words:    [][]string{{"tidegate_loki", "labls"}},
	},
	"out logtide, a wrong name": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_logtide\n    Match *\n    url http://{dead}\n    apikey lp_a\n",
		words:    [][]string{{"tidegate_logtide", "apikey"}},
	},

	"in kafka, nobody there": {
		pipeline: "[INPUT]\n    Name tidegate_kafka\n    brokers {dead}\n    topics t\n    group_id g\n    commit appended\n[OUTPUT]\n    Name null\n    Match *\n",
		starts:   true,
		words:    [][]string{{"tidegate_kafka", "cannot reach Kafka", "{dead}"}},
	},
	"out kafka, nobody there": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_kafka\n    Match *\n    brokers {dead}\n    topic t\n    Retry_Limit no_limits\n",
		starts:   true,
		words:    [][]string{{"tidegate_kafka", "cannot reach Kafka", "{dead}"}},
	},
	"out loki, nobody there": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_loki\n    Match *\n    url http://{dead}\n    labels a=b\n    Retry_Limit no_limits\n",
		starts:   true,
		words:    [][]string{{"tidegate_loki", "{dead}", "refused"}},
	},
	"out logtide, nobody there": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_logtide\n    Match *\n    url http://{dead}\n    api_key lp_a\n    Retry_Limit no_limits\n",
		starts:   true,
		words:    [][]string{{"tidegate_logtide", "{dead}", "refused"}},
	},
	"out logtide, a wrong key": {
		pipeline: dummy + "[OUTPUT]\n    Name tidegate_logtide\n    Match *\n    url {logtide}\n    api_key lp_wrong\n    Retry_Limit no_limits\n",
		starts:   true,
		words:    [][]string{{"tidegate_logtide", "401", "api_key"}},
	},
}

// Each mistake is told in the log, by a line that names the option or the address. No line
// shows a key.
func TestOperatorsLook(t *testing.T) {
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"error":"Invalid API key"}`, http.StatusUnauthorized)
	}))
	t.Cleanup(refuses.Close)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, look := range looks {
			t.Run(name, func(t *testing.T) {
				places := strings.NewReplacer(
					"{dead}", fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t)), "{logtide}", refuses.URL)
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: places.Replace(look.pipeline)})
				if !look.starts {
					if code := h.ExitCode(t, 30*time.Second); code == 0 || killedBySignal(code) {
						t.Errorf("exit code %d: the host is to end on its own with an error", code)
					}
				}
				for _, words := range look.words {
					waitWords(t, h, strings.Split(places.Replace(strings.Join(words, "\n")), "\n"))
				}
				if strings.Contains(h.Log(), "lp_") {
					t.Error("the log shows a key")
				}
			})
		}
	})
}

// waitWords waits for a line that holds all words. A host that has ended says no more.
func waitWords(t *testing.T, h *harness.Host, words []string) {
	t.Helper()
	harness.Eventually(t, time.Minute, "a line of the log", func() error {
		ended := h.Exited()
		if lineWith(h.Log(), words) {
			return nil
		}
		err := fmt.Errorf("none holds all of %q", words)
		if ended {
			return harness.Hopeless{Err: err}
		}
		return err
	})
}
