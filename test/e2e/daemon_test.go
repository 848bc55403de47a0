package e2e_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// The host as a daemon: it forks after it has loaded the plugins, delivers, and ends in an
// orderly way when it is told to.
func TestDaemon(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("needs Fluent Bit: the stand-in has no -d")
		}
		job := uniqueName(t)
		k.CreateTopic(t, job, 2)
		load := messages{count: 5000}
		client.Produce(t, job, load.text(), "-K", "\t")
		arrived := arrivalOf(t, l, job)
		d := startDaemon(t, host, pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			loki: l.URL, labels: "job=" + job + "," + labelsOfLoad,
			output: []string{"Workers 2"},
		}.String())
		arrived.check(t, load, time.Minute)
		if code := d.stop(t); code != 0 {
			t.Errorf("exit code %d", code)
		}
		checkCommitted(t, k, job, job)
		log := d.log(t)
		if line := crashed.FindString(log); line != "" {
			t.Errorf("the log says %q", line)
		}
		if !regexp.MustCompile(`tidegate_loki.*stopped delivered=5000`).MatchString(log) {
			t.Error("the log does not tell how many records were delivered")
		}
	})
}

// daemon is a host that is nobody's child any more, but for a subreaper's.
type daemon struct {
	pid     int
	logPath string
}

// becomeSubreaper makes orphans of this process's children its own: then the end of a daemon
// can be waited for, and its exit code read.
func becomeSubreaper(t *testing.T) {
	t.Helper()
	set := func(on uintptr) error {
		const setChildSubreaper = 36
		if _, _, err := syscall.Syscall(syscall.SYS_PRCTL, setChildSubreaper, on, 0); err != 0 {
			return err
		}
		return nil
	}
	if err := set(1); err != nil {
		t.Fatalf("becoming a subreaper: %v", err)
	}
	t.Cleanup(func() {
		if err := set(0); err != nil {
			t.Errorf("being a subreaper no longer: %v", err)
		}
	})
}

func startDaemon(t *testing.T, host harness.HostBinary, pipeline string) daemon {
	t.Helper()
	becomeSubreaper(t)
	plugins, err := harness.PluginsDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config, d := filepath.Join(dir, "daemon.conf"), daemon{logPath: filepath.Join(dir, "daemon.log")}
	service := fmt.Sprintf("[SERVICE]\n    flush 0.2\n    log_level info\n    log_file %s\n    plugins_file %s/plugins.conf\n", d.logPath, plugins)
	if err := os.WriteFile(config, []byte(service+pipeline), 0o644); err != nil {
		t.Fatal(err)
	}
	mark := agentMarkOf(t)
	cmd := exec.CommandContext(t.Context(), host.Path, "-d", "-c", config)
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+plugins, agentMark+"="+mark)
	// The output is not read: the daemon would hold a pipe open until its end.
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, d.log(t))
	}
	d.pid = findAgent(t, mark)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(d.log(t))
		}
		if syscall.Kill(d.pid, syscall.SIGKILL) == nil {
			_, _ = syscall.Wait4(d.pid, nil, 0, nil) // it is gone either way
		}
	})
	return d
}

func (d daemon) log(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(d.logPath)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

// stop asks the daemon to end and gives its exit code, 128 and the signal's number for one
// that a signal ended.
func (d daemon) stop(t *testing.T) (code int) {
	t.Helper()
	if err := syscall.Kill(d.pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	harness.Eventually(t, 15*time.Second, "the daemon's end", func() error {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(d.pid, &status, syscall.WNOHANG, nil)
		switch {
		case err != nil:
			return harness.Hopeless{Err: err}
		case pid == 0:
			return errors.New("it is still there")
		}
		code = status.ExitStatus()
		if status.Signaled() {
			code = 128 + int(status.Signal())
		}
		return nil
	})
	return code
}
