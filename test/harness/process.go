package harness

import (
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"syscall"
	"time"
)

// Process is one running program: a broker, a Loki, a host.
type Process struct {
	Name string
	Log  *Log

	cmd  *exec.Cmd
	done chan struct{} // closed when the program has ended and its output was read
	code int           // valid once done is closed
}

// startProcess runs a command with its output in logPath.
//
// The goroutine that starts the program stays on its thread until the program ends:
// the death signal is tied to the thread that forked, and it is what stops the servers
// when a test process ends without its cleanups, as it does at a test timeout.
func startProcess(name string, cmd *exec.Cmd, logPath string) (*Process, error) {
	log, err := newLog(logPath)
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p := &Process{Name: name, Log: log, cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait() // the outcome is in ProcessState
			p.code = exitCode(cmd)
			log.close()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		log.close()
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return p, nil
}

// exitCode follows the shells: 128 + signal for a program that a signal ended.
func exitCode(cmd *exec.Cmd) int {
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return cmd.ProcessState.ExitCode()
}

// Exited reports whether the program has ended.
func (p *Process) Exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Wait waits for the end of the program and gives its exit code.
func (p *Process) Wait(timeout time.Duration) (int, error) {
	select {
	case <-p.done:
		return p.code, nil
	case <-time.After(timeout):
		return 0, fmt.Errorf("%s has not ended within %s", p.Name, timeout)
	}
}

// Stop asks the program to end (SIGTERM). One that does not within the time is killed,
// and that is an error.
func (p *Process) Stop(timeout time.Duration) (int, error) {
	if p.Exited() {
		return p.code, nil
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	code, err := p.Wait(timeout)
	if err != nil {
		p.Kill()
		return p.code, fmt.Errorf("stopping: %w, killed", err)
	}
	return code, nil
}

// Kill ends the program at once (SIGKILL) and waits until it is gone.
func (p *Process) Kill() {
	if !p.Exited() {
		p.cmd.Process.Kill()
		<-p.done
	}
}

// waitLog waits for a line. A program that ends without having printed it never will.
func (p *Process) waitLog(re *regexp.Regexp, timeout time.Duration) (line string, err error) {
	deadline := time.Now().Add(timeout)
	for {
		ended := p.Exited()
		if line := p.Log.Find(re); line != "" {
			return line, nil
		}
		if ended {
			return "", fmt.Errorf("%s ended with code %d before it printed %q", p.Name, p.code, re)
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("%s has not printed %q within %s", p.Name, re, timeout)
		}
		select {
		case <-p.done:
		case <-time.After(pollFirst):
		}
	}
}
