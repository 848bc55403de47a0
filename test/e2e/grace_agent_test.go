package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// agentMark is an environment variable by which an agent's process is found, also one that
// has forked away from what was started.
const agentMark = "TIDEGATE_TEST_AGENT"

// agent is a host whose process the test signals and looks at.
type agent struct {
	*harness.Host
	pid int
}

func startAgent(t *testing.T, host harness.HostBinary, c harness.HostConfig) agent {
	t.Helper()
	mark := agentMarkOf(t)
	if c.Env == nil {
		c.Env = map[string]string{}
	}
	c.Env[agentMark] = mark
	h := harness.StartHost(t, host, c)
	return agent{h, findAgent(t, mark)}
}

// agentMarkOf is a mark that no other agent has: names are those of other runs, too.
func agentMarkOf(t *testing.T) string {
	return fmt.Sprintf("%d-%s", os.Getpid(), uniqueName(t))
}

// findAgent waits for a process that has the mark.
func findAgent(t *testing.T, mark string) (pid int) {
	t.Helper()
	want := []byte(agentMark + "=" + mark)
	harness.Eventually(t, 10*time.Second, "the agent's process", func() error {
		paths, err := filepath.Glob("/proc/[0-9]*/environ")
		if err != nil {
			return err
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				continue // it has ended since
			}
			for variable := range bytes.SplitSeq(text, []byte{0}) {
				if bytes.Equal(variable, want) {
					pid, err = strconv.Atoi(filepath.Base(filepath.Dir(path)))
					return err
				}
			}
		}
		return fmt.Errorf("none has %s", want)
	})
	return pid
}

// signal sends a signal to an agent that has not ended.
func (a agent) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if a.Exited() {
		t.Fatalf("the agent has ended before %s", s)
	}
	if err := syscall.Kill(a.pid, s); err != nil {
		t.Fatalf("sending %s: %v", s, err)
	}
}
