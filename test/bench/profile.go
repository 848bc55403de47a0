package main

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

const (
	// profileRate is samples a second of each thread's CPU time, odd so that it does not
	// keep step with timers.
	profileRate = 997
	// profileStop bounds the writing of the samples.
	profileStop = 30 * time.Second
)

// profileAll runs our side of each pairing once under perf. The agent runs C, Go and C
// again in one thread: no profiler of a single language sees all of it.
func (b *bench) profileAll(ctx context.Context) error {
	perf, err := exec.LookPath("perf")
	if err != nil {
		return errors.New("perf is needed for a profile (Debian: linux-perf)")
	}
	if err := hasSymbols(filepath.Join(b.plugins, "libtidegate.so")); err != nil {
		return err
	}
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return err
	}
	for _, p := range b.pairings {
		if err := b.profileOne(ctx, perf, p); err != nil {
			return fmt.Errorf("profiling %s: %w", p.name, err)
		}
	}
	return nil
}

func (b *bench) profileOne(ctx context.Context, perf string, p pairing) error {
	data := filepath.Join(b.out, "profile-"+p.slug+".data")
	b.attach = func(a *agent) (func() error, error) { return record(perf, a.pid(), data) }
	defer func() { b.attach = nil }()
	l, err := b.measureLoad(ctx, p, ours)
	if err != nil {
		return err
	}
	harness.Progress("%s under perf: %.2f µs, %s", p.name, l.CPU, l.outcome())
	text := fmt.Appendf(nil, "%s: %.2f µs of CPU a record while sampled\n", p.name, l.CPU)
	for _, keys := range []string{"dso", "comm", "dso,symbol"} {
		part, err := view(perf, data, keys)
		if err != nil {
			return err
		}
		text = append(text, part...)
	}
	path := filepath.Join(b.out, "profile-"+p.slug+".txt")
	harness.Progress("written: %s; with callers: perf report -i %s", path, data)
	return os.WriteFile(path, text, 0o644)
}

// hasSymbols refuses a stripped core: all of Go would be bare addresses.
func hasSymbols(path string) error {
	f, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err = f.Symbols(); errors.Is(err, elf.ErrNoSymbols) {
		return fmt.Errorf("%s is stripped: build it without -s and -w, and name its folder in TIDEGATE_PLUGINS", path)
	}
	return err
}

// record starts perf on a process and returns what ends it.
func record(perf string, pid int, data string) (stop func() error, err error) {
	cmd := exec.Command(perf, "record", "-q", "-e", "cpu-clock", "-F", strconv.Itoa(profileRate),
		"--call-graph", "fp", "-p", strconv.Itoa(pid), "-o", data)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting perf: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // its exit code is that of the signal
	}()
	return func() error {
		_ = cmd.Process.Signal(syscall.SIGINT)
		select {
		case <-ended:
			return nil
		case <-time.After(profileStop):
			_ = cmd.Process.Kill()
			return fmt.Errorf("perf did not stop within %s", profileStop)
		}
	}, nil
}

// view sums the samples up by self time: how the shared objects share it, or the threads
// (comm), or the functions.
func view(perf, data, keys string) ([]byte, error) {
	cmd := exec.Command(perf, "report", "-i", data, "--no-children", "--sort", keys,
		"-g", "none", "--percent-limit", "0.4", "--stdio")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("reading the samples of %s: %w", data, err)
	}
	text := []byte("\nself time by " + keys + ":\n")
	for line := range bytes.Lines(out) {
		if len(bytes.TrimSpace(line)) > 0 && line[0] != '#' {
			text = append(append(text, bytes.TrimRight(line, " \n")...), '\n')
		}
	}
	return text, nil
}
