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
func TestSignalsToThreadsOfGo(t *testing.T) {
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("needs Fluent Bit: the stand-in installs no handlers for SIGCONT")
		}
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: lokiUnderLoad})
		h.WaitLog(t, "starting tidegate", 10*time.Second)
		if err := syscall.Kill(h.PID(), syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		h.WaitLog(t, "caught signal", 10*time.Second)

		const rounds = 2000
		pause := time.NewTicker(2 * time.Millisecond)
		defer pause.Stop()
		for round := range rounds {
			<-pause.C
			if h.Exited() {
				t.Fatalf("the agent has ended in round %d", round)
			}
			if signalThreads(t, h.PID(), syscall.SIGCONT) == 0 {
				t.Fatalf("no thread in round %d: the agent has ended", round)
			}
		}
		if code := h.Stop(t); code != 0 {
			t.Errorf("exit code %d", code)
		}
	})
}

// signalThreads sends a signal to each thread of a host that can run Go, and gives their
// number. The host's main thread and its logger never do, and there its handler stands in its
// own way: it calls localtime, as they do, and waits for a lock that its own thread has
// (flb_signal_handler_status_line in src/fluent-bit.c).
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
		name, err := os.ReadFile(filepath.Join(path, "comm"))
		if err != nil || thread == pid || string(name) == "flb-logger\n" { // an error: it has ended since
			continue
		}
		_, _, errno := syscall.Syscall(syscall.SYS_TGKILL, uintptr(pid), uintptr(thread), uintptr(s))
		if errno == 0 {
			sent++
		} else if !errors.Is(errno, syscall.ESRCH) {
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
