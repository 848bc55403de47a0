package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// lokiUnderLoad is an agent that is busy in Go.
const lokiUnderLoad = `
[INPUT]
    Name dummy
    Rate 3000
    Tag  victim
[OUTPUT]
    Name        tidegate_loki
    Match       victim
    url         http://127.0.0.1:1
    labels      a=b
    Retry_Limit no_limits
`

// After the first SIGHUP or SIGCONT the host's handlers have no stack of their own, and a
// signal to a thread that runs Go would write over a goroutine's. Without the mask that the
// shims set, this ends in a segmentation fault within seconds.
func TestSignalsToEveryThread(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("needs Fluent Bit: the stand-in installs no handlers for SIGCONT")
		}
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: lokiUnderLoad})
		h.WaitLog(t, "starting tidegate", 10*time.Second)
		// Not without pause: the host's handler calls functions that take locks, and stands
		// in its own way when the next signal comes too soon.
		pause := time.NewTicker(2 * time.Millisecond)
		defer pause.Stop()
		sent := 0
		for range 2000 {
			<-pause.C
			if h.Exited() {
				break
			}
			sent += signalThreads(t, h.PID(), syscall.SIGCONT)
		}
		if sent < 10000 || h.Exited() {
			t.Fatalf("%d signals were sent, the agent has ended: %v", sent, h.Exited())
		}
		if code := h.Stop(t); code != 0 {
			t.Errorf("exit code %d", code)
		}
	})
}

// signalThreads sends a signal to each thread of a process and gives their number.
func signalThreads(t *testing.T, pid int, s syscall.Signal) (sent int) {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range threads {
		thread, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			t.Fatal(err)
		}
		_, _, errno := syscall.Syscall(syscall.SYS_TGKILL, uintptr(pid), uintptr(thread), uintptr(s))
		if errno == 0 {
			sent++
		} else if !errors.Is(errno, syscall.ESRCH) { // a thread that has ended since
			t.Fatal(os.NewSyscallError("tgkill", errno))
		}
	}
	return sent
}

// After a SIGCONT the host's own handler stands where Go's was, and a nil pointer would be
// the end of the agent instead of a panic in one instance.
func TestNilPointerAfterSignal(t *testing.T) {
	plugins := faultPlugins(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		h := harness.StartHost(t, host, harness.HostConfig{Plugins: plugins, Pipeline: lokiUnderLoad, Env: map[string]string{"TIDEGATE_FAULT": "flush:10:nil"}})
		h.WaitLog(t, "starting tidegate", 10*time.Second)
		if host.FluentBit {
			if err := syscall.Kill(h.PID(), syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			h.WaitLog(t, "caught signal", 10*time.Second)
		}
		h.WaitLog(t, "panic in=flush .*nil pointer dereference", 20*time.Second)
		if code := h.Stop(t); code != 0 {
			t.Errorf("exit code %d", code)
		}
	})
}
