package harness

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// onFluentBit runs a test of the harness on each real host, with its built-in plugins.
func onFluentBit(t *testing.T, f func(t *testing.T, b HostBinary)) {
	hosts, err := Hosts()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range hosts {
		t.Run(b.Short(), func(t *testing.T) {
			if !b.FluentBit {
				t.Skip("needs Fluent Bit: the stand-in has no plugins of its own")
			}
			f(t, b)
		})
	}
}

func TestHostRunsAndStops(t *testing.T) {
	onFluentBit(t, func(t *testing.T, b HostBinary) {
		h := StartHost(t, b, HostConfig{BuiltIn: true, Pipeline: `
[INPUT]
    Name   dummy
    Tag    here
    Dummy  {"word":"shibboleth"}
[OUTPUT]
    Name   stdout
    Match  *
`})
		h.WaitLog(t, `"word"=>"shibboleth"`, 20*time.Second)
		if code := h.Stop(t); code != 0 {
			t.Errorf("exit code %d", code)
		}
	})
}

func TestHostThatRefusesToStart(t *testing.T) {
	onFluentBit(t, func(t *testing.T, b HostBinary) {
		h := StartHost(t, b, HostConfig{BuiltIn: true, Pipeline: "[OUTPUT]\n    Name no_such_plugin\n    Match *\n"})
		if code := h.ExitCode(t, 20*time.Second); code == 0 {
			t.Error("exit code 0")
		}
		if !strings.Contains(h.Log(), "no_such_plugin") {
			t.Errorf("the log does not name the plugin:\n%s", h.Log())
		}
	})
}

// The three servers together, before any plugin of ours is in between.
func TestBuiltInPipeline(t *testing.T) {
	k := StartKafka(t, KafkaOptions{})
	l := StartLoki(t, LokiOptions{})
	client := NeedKcat(t, k)
	onFluentBit(t, func(t *testing.T, b HostBinary) {
		Watch(t, k, l)
		topic := "built-in-" + b.Short()
		k.CreateTopic(t, topic, 1)
		from := time.Now().Add(-time.Minute)
		client.Produce(t, topic, "one\ntwo\nthree\n")
		StartHost(t, b, HostConfig{BuiltIn: true, Pipeline: fmt.Sprintf(`
[INPUT]
    Name     kafka
    Brokers  %s
    Topics   %s
    Group_Id %[2]s
    rdkafka.auto.offset.reset earliest
[OUTPUT]
    Name     loki
    Match    *
    Host     127.0.0.1
    Port     %s
    Labels   job=%[2]s
`, k.Brokers(), topic, l.URL[strings.LastIndex(l.URL, ":")+1:])})
		Eventually(t, time.Minute, "lines in Loki", func() error {
			counts, err := l.Count(fmt.Sprintf(`{job="%s"}`, topic), []string{"job"}, from, time.Now())
			if err == nil && counts[fmt.Sprintf(`{job="%s"}`, topic)] != 3 {
				err = fmt.Errorf("counts %v", counts)
			}
			return err
		})
	})
}
