package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
	"github.com/tidegate/tidegate/test/logtide"
)

// demoSaid is in the output of every run, whatever the servers.
var demoSaid = []string{
	"all 3300 records arrived", `{deviceid="garage", job="files"}`, "in Kafka once", "in Loki once",
	"Kafka: 3300 messages", "Loki: 3300 entries in 9 streams", "committed offsets",
}

// The demo that the README starts with, on what it brings itself and on real servers.
// LogTide's contract server stands for the real one, which the demo does not ask: here it is.
func TestDemo(t *testing.T) {
	k, l := servers(t)
	program := buildDemo(t)
	t.Run("embedded", func(t *testing.T) {
		eachHost(t, func(t *testing.T, host harness.HostBinary) {
			text := runDemo(t, program, host, "KAFKA=", "LOKI=", "LOGTIDE=")
			needWords(t, text, append(demoSaid, "LogTide: 3300 logs", "in LogTide once")...)
		})
	})
	t.Run("real servers", func(t *testing.T) {
		eachHost(t, func(t *testing.T, host harness.HostBinary) {
			target := startLogTide(t, 3300, "")
			text := runDemo(t, program, host,
				"KAFKA="+k.Brokers(), "LOKI="+l.URL, "LOGTIDE="+target.URL, "LOGTIDE_API_KEY="+logtide.DefaultKey)
			needWords(t, text, append(demoSaid, "not checked", "LogTide was not asked")...)
			if strings.Contains(text, logtide.DefaultKey) {
				t.Error("the output shows the key")
			}
			if got := target.Len(); got != target.count {
				t.Errorf("%d logs at LogTide, want %d", got, target.count)
			}
			target.checkAccepted(t)
		})
	})
}

// A demo that cannot work says why, and does not end as if it had.
func TestDemoWithWrongKey(t *testing.T) {
	program := buildDemo(t)
	target := logtide.Start(t)
	for name, c := range map[string]struct {
		key   string
		words []string
	}{
		"no key":    {"", []string{"LOGTIDE_API_KEY"}},
		"wrong key": {"lp_wrong", []string{"LogTide did not take the logs", "401"}},
	} {
		t.Run(name, func(t *testing.T) {
			eachHost(t, func(t *testing.T, host harness.HostBinary) {
				text, err := demo(t, program, host, "KAFKA=", "LOKI=", "LOGTIDE="+target.URL, "LOGTIDE_API_KEY="+c.key).CombinedOutput()
				if err == nil {
					t.Error("the demo ended as if all was well")
				}
				needWords(t, string(text), c.words...)
			})
		})
	}
}

// The demo's pipeline with the common load and in both forms: each target gets everything,
// and each group commits its own offsets.
func TestPipelineFilesKafkaLokiLogTide(t *testing.T) {
	k, _ := servers(t)
	eachReady(t, "files-kafka-loki-logtide", func(t *testing.T, r ready) {
		l := ownLoki(t)
		topic := uniqueName(t)
		k.CreateTopic(t, topic, 3)
		log := newRotatedLog(t, "app.log")
		load := messages{count: pipelineLoad}
		arrived := arrivalOf(t, l, "files")
		target := startLogTide(t, pipelineLoad, loadNumber)
		env := filesEnv(k, log.dir, topic)
		env["KAFKA_GROUP"], env["LOKI_URL"] = topic, l.URL
		env["LOGTIDE_URL"], env["LOGTIDE_API_KEY"] = target.URL, logtide.DefaultKey
		h := r.start(t, env)
		arrived.host = h
		log.write(t, load, pipelineLoad/4)
		arrived.check(t, load, 2*time.Minute)
		target.check(t, h)
		checkCommitted(t, k, topic+"-loki", topic)
		checkCommitted(t, k, topic+"-logtide", topic)
	})
}

func buildDemo(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "demo")
	if text, err := exec.Command("go", "build", "-o", program, "../demo").CombinedOutput(); err != nil {
		t.Fatalf("building the demo: %v\n%s", err, text)
	}
	return program
}

// demo is a run on one host, with more environment.
func demo(t *testing.T, program string, host harness.HostBinary, env ...string) *exec.Cmd {
	t.Helper()
	plugins, err := harness.PluginsDir()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(append(os.Environ(), "TIDEGATE_PLUGINS="+plugins, "TMPDIR="+t.TempDir()), env...)
	if host.FluentBit {
		cmd.Env = append(cmd.Env, "FLUENT_BIT="+host.Path)
	} else {
		cmd.Env = append(cmd.Env, "TIDEGATE_HOST=testhost")
	}
	return cmd
}

func runDemo(t *testing.T, program string, host harness.HostBinary, env ...string) string {
	t.Helper()
	text, err := demo(t, program, host, env...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return string(text)
}

func needWords(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, want := range words {
		if !strings.Contains(text, want) {
			t.Errorf("the demo does not say %q:\n%s", want, text)
		}
	}
}
