package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

const (
	goodInput = `
[INPUT]
    Name      tidegate_kafka
    brokers   127.0.0.1:9
    topics    logs
    group_id  g
`
	goodOutput = `
[OUTPUT]
    Name      tidegate_loki
    Match     *
    url       http://127.0.0.1:9
    labels    job=x
`
)

// wrongOptions are configurations that must stop the start. Of the words, all are to be
// in one line of the log: the one message that names every option at fault.
var wrongOptions = map[string]struct {
	pipeline string
	words    []string
}{
	"brokers missing":  {strings.Replace(goodInput, "brokers   127.0.0.1:9", "", 1) + goodOutput, []string{"brokers", "required"}},
	"topics missing":   {strings.Replace(goodInput, "topics    logs", "", 1) + goodOutput, []string{"topics", "required"}},
	"group_id missing": {strings.Replace(goodInput, "group_id  g", "", 1) + goodOutput, []string{"group_id", "required"}},
	"url missing":      {goodInput + strings.Replace(goodOutput, "url       http://127.0.0.1:9", "", 1), []string{"url", "required"}},

	"unknown option of the input":  {goodInput + "    brokerz a:1\n" + goodOutput, []string{"brokerz"}},
	"unknown option of the output": {goodInput + goodOutput + "    lable_keys $a\n", []string{"lable_keys"}},
	"unknown client property":      {goodInput + "    rdkafka.no.such.thing 1\n" + goodOutput, []string{"rdkafka.no.such.thing"}},

	"format":                   {goodInput + "    format xml\n" + goodOutput, []string{"format", "xml", "json", "raw"}},
	"a broker without a port":  {strings.Replace(goodInput, "127.0.0.1:9", "127.0.0.1", 1) + goodOutput, []string{"brokers", "host:port"}},
	"a topic that is no regex": {strings.Replace(goodInput, "logs", "^logs[", 1) + goodOutput, []string{"topics", "^logs["}},
	"url without a scheme":     {goodInput + strings.Replace(goodOutput, "http://127.0.0.1:9", "127.0.0.1:9", 1), []string{"url"}},
	"a label's path":           {goodInput + strings.Replace(goodOutput, "job=x", "job=x,dev=$a['b", 1), []string{"labels", "$a['b"}},
	"line_format":              {goodInput + goodOutput + "    line_format xml\n", []string{"line_format", "xml"}},
	"value of a client property": {goodInput + "    rdkafka.isolation.level sideways\n" + goodOutput,
		[]string{"rdkafka.isolation.level", "sideways"}},
	"number of a client property": {goodInput + "    rdkafka.fetch.wait.max.ms soon\n" + goodOutput,
		[]string{"rdkafka.fetch.wait.max.ms"}},
	"client property that is ours": {goodInput + "    rdkafka.enable.auto.commit true\n" + goodOutput,
		[]string{"rdkafka.enable.auto.commit"}},

	"several of the input at once": {`
[INPUT]
    Name      tidegate_kafka
    topics    logs
    format    xml
    rdkafka.isolation.level sideways
` + goodOutput, []string{"brokers", "group_id", "format", "xml", "rdkafka.isolation.level"}},
	"several of the output at once": {goodInput + `
[OUTPUT]
    Name         tidegate_loki
    Match        *
    labels       1x=y
    line_format  xml
`, []string{"url", "labels", "line_format"}},

	"brokers and topic of Kafka missing": {goodInput + "[OUTPUT]\n    Name tidegate_kafka\n    Match *\n",
		[]string{"tidegate_kafka", "brokers", "topic", "required"}},
	"url and key of LogTide missing": {goodInput + "[OUTPUT]\n    Name tidegate_logtide\n    Match *\n",
		[]string{"tidegate_logtide", "url", "api_key", "required"}},
}

func TestWrongOptionsStopTheStart(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, c := range wrongOptions {
			t.Run(name, func(t *testing.T) {
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: c.pipeline})
				if code := h.ExitCode(t, 30*time.Second); code == 0 || killedBySignal(code) {
					t.Errorf("exit code %d: the host is to end on its own with an error", code)
				}
				if !lineWith(h.Log(), c.words) {
					t.Errorf("no line of the log holds all of %q", c.words)
				}
			})
		}
	})
}

// The opposite: what is taken for wrong above is wrong, and nothing around it.
func TestGoodOptionsStart(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: goodInput +
			"    client_id me\n    format raw\n    topic_tag kafka.$topic\n    start_at latest\n    rdkafka.fetch.wait.max.ms 100\n" +
			goodOutput + "    tenant_id one\n    label_keys $level,$a['b']\n    remove_keys level\n    line_format json\n"})
		h.WaitLog(t, `tidegate_kafka.*127\.0\.0\.1:9`, time.Minute)
		stop(t, h)
	})
}

// killedBySignal reads an exit code as the harness gives it, 128 and the signal's number;
// Fluent Bit itself ends with 255 where it refuses to start.
func killedBySignal(code int) bool { return code > 128 && code <= 128+64 }

func lineWith(log string, words []string) bool {
lines:
	for line := range strings.Lines(log) {
		for _, word := range words {
			if !strings.Contains(line, word) {
				continue lines
			}
		}
		return true
	}
	return false
}
