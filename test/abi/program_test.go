package abi_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	signals "os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// program is the built tidegate.
func program(t *testing.T) string {
	t.Helper()
	plugins, _ := product(t)
	return filepath.Join(filepath.Dir(plugins), "tidegate")
}

// lokiConf is a configuration that inspect can read.
func lokiConf(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fluent-bit.conf")
	if err := os.WriteFile(file, []byte("[OUTPUT]\n    Name tidegate_loki\n    url http://127.0.0.1:9\n    labels job=x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// The program starts the core that lies beside it, from any folder and through links,
// without a search path, and its exit codes come through.
func TestBuiltProgram(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(program(t), link); err != nil {
		t.Fatal(err)
	}
	conf := lokiConf(t)
	f := func(code int, want, stdin string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), link, args...)
		cmd.Dir, cmd.Stdin, cmd.Env = filepath.Dir(link), strings.NewReader(stdin), []string{}
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(string(out), want) {
			t.Errorf("%q: %d, %s, want %d, %s", args, got, out, code, want)
		}
	}
	f(0, "tidegate ", "", "--version")
	f(0, "usage: tidegate inspect", "", "--help")
	f(2, "usage: tidegate inspect", "")
	f(2, `no command "x"`, "", "x")
	f(2, "no such file", "", "inspect", "-c", "none.conf")
	f(0, `job="x"`, `{"a":1}`, "inspect", "-c", conf)
	f(1, "line 1 is no JSON", "{", "inspect", "-c", conf)
}

// Without its core it says what is missing.
func TestBuiltProgramAlone(t *testing.T) {
	t.Parallel()
	binary, err := os.ReadFile(program(t))
	if err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), "tidegate")
	if err := os.WriteFile(alone, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), alone, "--version")
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), "libtidegate.so: cannot open shared object file") {
		t.Errorf("%v: %s", cmd.ProcessState, out)
	}
}

// It explains a record when that is there, not when its input ends, and signals end it as
// they end any program: the Go runtime inside keeps none.
func TestBuiltProgramSignals(t *testing.T) {
	t.Parallel()
	conf, binary := lokiConf(t), program(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE} {
		if signals.Ignored(signal) {
			t.Logf("%v is ignored here, as under nohup, and so by all that is started here", signal)
			continue
		}
		cmd := exec.CommandContext(t.Context(), binary, "inspect", "-c", conf)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(in, `{"a":1}`)
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "record 1, tag inspect, to tidegate_loki.0\n" {
			t.Errorf("got %q, %v", line, err)
		}
		if signal == syscall.SIGPIPE {
			// As head does, when it has enough. A program that another test starts at this
			// moment may hold the pipe a little longer, so there is more than one record.
			out.Close()
			go func() {
				for err := error(nil); err == nil; {
					_, err = fmt.Fprintln(in, `{"b":1}`)
				}
			}()
		} else if err := cmd.Process.Signal(signal); err != nil {
			t.Error(err)
		}
		err = cmd.Wait()
		if status, is := cmd.ProcessState.Sys().(syscall.WaitStatus); !is || !status.Signaled() || status.Signal() != signal {
			t.Errorf("%v: ended with %v, %v", signal, cmd.ProcessState, err)
		}
	}
}
