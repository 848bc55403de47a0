package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// pipeline is the configuration that the demo runs.
const pipeline = "conf/files-kafka-loki-logtide.conf"

// stopWithin bounds an orderly end of the agent.
const stopWithin = 20 * time.Second

// agent is the running Fluent Bit, or its stand-in.
type agent struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
}

// startAgent runs a configuration with more environment. Its log goes to a file.
func startAgent(binary harness.HostBinary, config string, env map[string]string) (*agent, error) {
	plugins, err := harness.PluginsDir()
	if err != nil {
		return nil, err
	}
	log, err := os.CreateTemp("", "tidegate-demo-*.log")
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	a := &agent{log: log.Name(), done: make(chan struct{})}
	a.cmd = exec.Command(binary.Path, "-c", config)
	a.cmd.Env = append(os.Environ(), "TIDEGATE_HOME="+plugins, "LD_LIBRARY_PATH="+plugins)
	for name, value := range env {
		a.cmd.Env = append(a.cmd.Env, name+"="+value)
	}
	a.cmd.Stdout, a.cmd.Stderr = log, log
	if err := a.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", binary.Path, err)
	}
	go func() {
		defer close(a.done)
		_ = a.cmd.Wait() // the outcome is in ProcessState
	}()
	return a, nil
}

func (a *agent) exited() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// stop asks the agent to end, and waits for it.
func (a *agent) stop() error {
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping the agent: %w", err)
	}
	select {
	case <-a.done:
		return nil
	case <-time.After(stopWithin):
		return fmt.Errorf("the agent did not stop within %s", stopWithin)
	}
}

// cleanUp ends what is left, and after an error shows the end of the log.
func (a *agent) cleanUp(err *error) {
	if !a.exited() {
		_ = a.cmd.Process.Kill()
		<-a.done
	}
	if *err == nil {
		_ = os.Remove(a.log)
		return
	}
	text, _ := os.ReadFile(a.log)
	fmt.Fprintf(os.Stderr, "\nthe agent's log (%s):\n%s\n", a.log, text)
}
