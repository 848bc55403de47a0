package harness

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// hostStop bounds an orderly end: the host's grace time and what the plugins finish in it.
const hostStop = 30 * time.Second

// Host is a running Fluent Bit, or its stand-in.
type Host struct {
	Binary HostBinary

	dir     *workDir
	process *Process
}

// StartHost starts a host for one test. It has begun to read its configuration when this
// returns, no more: WaitLog tells what it made of it.
func StartHost(t testing.TB, binary HostBinary, c HostConfig) *Host {
	t.Helper()
	plugins, err := c.folder()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := newWorkDir("host")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dir.remove)
	config, err := c.path(dir.path, plugins)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary.Path, "-c", config)
	cmd.Dir = dir.path
	cmd.Env = c.environ(plugins)
	p, err := startProcess(binary.Name, cmd, filepath.Join(dir.path, "host.log"))
	if err != nil {
		t.Fatal(err)
	}
	h := &Host{Binary: binary, dir: dir, process: p}
	t.Cleanup(h.Kill)
	Watch(t, h)
	return h
}

// WaitLog waits for a line that matches and gives it.
func (h *Host) WaitLog(t testing.TB, pattern string, timeout time.Duration) string {
	t.Helper()
	line, err := h.process.waitLog(regexp.MustCompile(pattern), timeout)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// Log is all that the host printed so far.
func (h *Host) Log() string { return h.process.Log.String() }

// Stop asks the host to end (SIGTERM) and gives its exit code.
func (h *Host) Stop(t testing.TB) int {
	t.Helper()
	code, err := h.process.Stop(hostStop)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// ExitCode waits for a host that ends on its own, as one does that refuses to start.
func (h *Host) ExitCode(t testing.TB, timeout time.Duration) int {
	t.Helper()
	code, err := h.process.Wait(timeout)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// PID is the host's process id.
func (h *Host) PID() int { return h.process.cmd.Process.Pid }

// Kill ends the host at once (SIGKILL).
func (h *Host) Kill() { h.process.Kill() }

// Freeze stops every thread of the host (SIGSTOP), until Thaw: for everybody else it is gone,
// and it does not know.
func (h *Host) Freeze(t testing.TB) { h.signal(t, syscall.SIGSTOP) }

// Thaw has a frozen host go on.
func (h *Host) Thaw(t testing.TB) { h.signal(t, syscall.SIGCONT) }

func (h *Host) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := h.process.cmd.Process.Signal(s); err != nil {
		t.Fatalf("%s to %s: %v", s, h.Binary.Name, err)
	}
}

// Exited reports whether the host has ended.
func (h *Host) Exited() bool { return h.process.Exited() }

func (h *Host) work() *workDir        { return h.dir }
func (h *Host) processes() []*Process { return []*Process{h.process} }
