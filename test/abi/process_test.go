package abi_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A process is one run of a host: its configuration, its log and the probes' trace.
type process struct {
	t     *testing.T
	dir   string
	cmd   *exec.Cmd
	ended chan struct{}
}

// start runs the host on conf, in which TRACE, DIR and PLUGINS stand for paths. The trace and the log are files, so that the
// host can end at any point without losing a line.
func start(t *testing.T, host, conf string, env ...string) *process {
	t.Helper()
	watchSources()
	dir := t.TempDir()
	conf = strings.NewReplacer("TRACE", filepath.Join(dir, "trace"), "DIR", dir,
		"PLUGINS", filepath.Join(built, "plugins.conf")).Replace(conf)
	if err := os.WriteFile(filepath.Join(dir, "host.conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p := &process{t: t, dir: dir, ended: make(chan struct{})}
	p.cmd = exec.Command(host, "-c", filepath.Join(dir, "host.conf"))
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = io.Discard, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the state is read from ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		select {
		case <-p.ended:
		default:
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
		if t.Failed() {
			t.Logf("log:\n%s\ntrace:\n%s", p.log(), p.read("trace"))
		}
	})
	return p
}

func testhost() string { return filepath.Join(built, "tidegate-testhost") }

func (p *process) read(name string) string {
	text, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		p.t.Fatal(err)
	}
	return string(text)
}

func (p *process) log() string { return p.read("log") }

// await polls until done says so, and fails the test after 20 seconds or when the host ended before.
func (p *process) await(what string, done func() bool) {
	p.t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			p.t.Fatalf("no %s within 20 s", what)
		case <-p.ended:
			if !done() {
				p.t.Fatalf("the host ended before: %s", what)
			}
			return
		case <-tick.C:
		}
	}
}

func (p *process) awaitTrace(event string, times int) {
	p.t.Helper()
	p.await(event, func() bool { return len(p.trace(event)) >= times })
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// exit waits for the end and returns the exit code, -1 when a signal ended the process.
func (p *process) exit() int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(30 * time.Second):
		p.t.Fatal("the host did not end within 30 s")
		return 0
	}
}

// stop ends the host as an operator would and expects a clean exit.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != 0 {
		p.t.Fatalf("exit code %d", code)
	}
}
