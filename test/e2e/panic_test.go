package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// A panic at any entry into Go and in any goroutine fails its instance with a stack in
// the log. The process lives, and so does the pipeline beside it.
func TestPanics(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	plugins := faultPlugins(t)
	topic := uniqueName(t)
	k.CreateTopic(t, topic, 1)
	client.Produce(t, topic, strings.Repeat("{\"n\":1}\n", 100))
	// A group for each: a member that failed leaves its own only by the timeout.
	input := `
[INPUT]
    Name     tidegate_kafka
    Tag      victim
    brokers  ` + k.Brokers() + `
    topics   ` + topic + `
    group_id ` + topic + `-${TIDEGATE_GROUP}
    commit   appended
[OUTPUT]
    Name  null
    Match victim
`
	loki := `
[INPUT]
    Name dummy
    Tag  victim
[OUTPUT]
    Name    tidegate_loki
    Match   victim
    Workers 1
    url     ` + l.URL + `
    labels  job=` + topic + `
`
	kafka := `
[INPUT]
    Name dummy
    Tag  victim
[OUTPUT]
    Name    tidegate_kafka
    Match   victim
    Workers 1
    brokers 127.0.0.1:1
    topic   ` + topic + `
`
	for fault, pipeline := range map[string]string{
		"flush": loki, "flush:3": loki, "metrics": loki, "collect:2": input, "kafka rebalance": input, "kafka reader": input,
		"kafka events": kafka, "kafka client log": kafka,
	} {
		t.Run(strings.NewReplacer(" ", "-", ":", "-").Replace(fault), func(t *testing.T) {
			eachHost(t, func(t *testing.T, host harness.HostBinary) { checkPanic(t, host, plugins, fault, pipeline) })
		})
	}
	t.Run("init", func(t *testing.T) {
		eachHost(t, func(t *testing.T, host harness.HostBinary) {
			h := harness.StartHost(t, host, harness.HostConfig{Plugins: plugins, Pipeline: loki, Env: map[string]string{"TIDEGATE_FAULT": "init"}})
			h.WaitLog(t, `panic: .*instance\.go:\d+`, 10*time.Second)
			if code := h.ExitCode(t, 20*time.Second); code == 0 || code >= 128 && code != 255 {
				t.Errorf("exit code %d; want a refused start", code)
			}
		})
	})
	t.Run("exit", func(t *testing.T) {
		eachHost(t, func(t *testing.T, host harness.HostBinary) {
			h := harness.StartHost(t, host, harness.HostConfig{Plugins: plugins, Pipeline: loki, Env: map[string]string{"TIDEGATE_FAULT": "exit"}})
			h.WaitLog(t, `starting tidegate`, 10*time.Second)
			if code := h.Stop(t); code != 0 {
				t.Errorf("exit code %d", code)
			}
			checkStack(t, h, "exit")
		})
	})
}

// checkPanic runs a pipeline that fails, with one beside it that must not.
func checkPanic(t *testing.T, host harness.HostBinary, plugins, fault, pipeline string) {
	dir := t.TempDir()
	h := harness.StartHost(t, host, harness.HostConfig{Plugins: plugins, Env: map[string]string{"TIDEGATE_FAULT": fault, "TIDEGATE_GROUP": uniqueName(t)}, Pipeline: pipeline + `
[INPUT]
    Name  dummy
    Dummy {"n":1}
    Tag   bystander
[OUTPUT]
    Name  file
    Match bystander
    Path  ` + dir + `
    File  bystander
`})
	where, _, _ := strings.Cut(fault, ":")
	if where == "kafka rebalance" {
		where = "kafka reader" // whose goroutine the client calls back on
	}
	h.WaitLog(t, `instance stopped working`, 30*time.Second)
	checkStack(t, h, where)
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, "bystander"))
		if err != nil {
			return 0
		}
		return info.Size()
	}
	before := size()
	harness.Eventually(t, 20*time.Second, "the pipeline beside it", func() error {
		if now := size(); now <= before {
			return fmt.Errorf("%d bytes, as many as before", now)
		}
		return nil
	})
	if h.Exited() {
		t.Fatal("the process ended")
	}
	if code := h.Stop(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// checkStack holds that the log says where a panic was, with its stack, once.
func checkStack(t *testing.T, h *harness.Host, where string) {
	t.Helper()
	log := h.Log()
	if strings.Contains(where, " ") {
		where = `"` + where + `"`
	}
	if n := strings.Count(log, "] panic in="+where+" cause=\"TIDEGATE_FAULT asked for this\""); n != 1 {
		t.Errorf("the panic in %s was told %d times", where, n)
	}
	if !strings.Contains(log, "panic: github.com/tidegate/tidegate/common/fault.Point") {
		t.Error("there is no stack in the log")
	}
}

// faultPlugins gives the plugins with the places in which they can be made to fail. They
// are built once.
func faultPlugins(t *testing.T) string {
	t.Helper()
	out, err := faultsOnce()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var faultsOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tidegate-faults-")
	if err != nil {
		return "", err
	}
	_, _ = keep(folder(dir), nil)
	out := filepath.Join(dir, "out")
	build := exec.Command("make", "-C", filepath.Join("..", ".."), "build", "TAGS=faults", "OUT="+out, "WORK="+filepath.Join(dir, "work"))
	if log, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building with TAGS=faults: %w\n%s", err, log)
	}
	return out, nil
})

// folder is removed after the last test.
type folder string

func (f folder) Close() { _ = os.RemoveAll(string(f)) } // one that stays is in the system's place for such
