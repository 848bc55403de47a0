package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// agentStop bounds an orderly end: the grace time and what is finished in it.
	agentStop = 30 * time.Second
	// look is how often something is asked whether it has come so far.
	look = 20 * time.Millisecond
)

// agent is a running Fluent Bit.
type agent struct {
	cmd   *exec.Cmd
	log   string // path
	done  chan struct{}
	meter *meter
}

// startAgent runs a configuration in dir. Only the first thread may call it (see main).
func startAgent(binary, dir string, p pipeline) (*agent, error) {
	config := filepath.Join(dir, "bench.conf")
	if err := os.WriteFile(config, []byte(p.config()), 0o644); err != nil {
		return nil, err
	}
	a := &agent{log: filepath.Join(dir, "agent.log"), done: make(chan struct{})}
	log, err := os.Create(a.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	a.cmd = exec.Command(binary, "-c", config)
	a.cmd.Dir = dir
	a.cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+p.plugins)
	a.cmd.Stdout, a.cmd.Stderr = log, log
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := a.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", binary, err)
	}
	go func() {
		defer close(a.done)
		_ = a.cmd.Wait() // the outcome is in ProcessState
	}()
	a.meter = newMeter(a.pid())
	return a, nil
}

func (a *agent) pid() int { return a.cmd.Process.Pid }

// until calls check until it says yes. An agent that has ended makes it fail, as do the
// limit and a context that is over.
func (a *agent) until(ctx context.Context, limit, every time.Duration, what string, check func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		ok, err := check()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		case <-a.done:
			return fmt.Errorf("waiting for %s: the agent has ended:\n%s", what, a.lastLines())
		case <-tick.C:
		}
	}
}

// stop asks the agent to end and waits for it. What it still does then is not measured.
func (a *agent) stop() error {
	a.meter.stop()
	if err := a.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping the agent: %w", err)
	}
	select {
	case <-a.done:
		return nil
	case <-time.After(agentStop):
		a.kill()
		return fmt.Errorf("the agent did not stop within %s", agentStop)
	}
}

// kill ends it at once, if it is still there.
func (a *agent) kill() {
	a.meter.stop()
	select {
	case <-a.done:
	default:
		_ = a.cmd.Process.Kill()
		<-a.done
	}
}

// started says whether the engine has come up, by the last line of its start.
func (a *agent) started() (bool, error) {
	text, err := os.ReadFile(a.log)
	return strings.Contains(string(text), "stream processor started"), err
}

// complaints are the entries of the log in which something went wrong, each with the
// lines that belong to it, such as a server's answer.
func (a *agent) complaints() (entries []string) {
	text, _ := os.ReadFile(a.log)
	wrong := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "["):
			wrong = strings.Contains(line, "[error]") || strings.Contains(line, "[ warn]") && !strings.Contains(line, "service will shutdown")
			if wrong {
				entries = append(entries, line)
			}
		case wrong && line != "":
			entries[len(entries)-1] += " " + line
		}
	}
	return entries
}

func (a *agent) lastLines() string {
	text, _ := os.ReadFile(a.log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
