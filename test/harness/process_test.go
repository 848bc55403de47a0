package harness

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func runShell(t *testing.T, script string) *Process {
	t.Helper()
	p, err := startProcess("shell", exec.Command("sh", "-c", script), filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

func TestProcessExitCodes(t *testing.T) {
	for _, c := range []struct {
		script string
		signal bool // stopped by us
		want   int
	}{
		{script: "exit 0", want: 0},
		{script: "exit 3", want: 3},
		{script: "kill -9 $$", want: 128 + 9},
		{script: "echo up; exec sleep 60", signal: true, want: 128 + 15},
		{script: "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done", signal: true, want: 7},
	} {
		p := runShell(t, c.script)
		var code int
		var err error
		if c.signal {
			if _, err := p.waitLog(regexp.MustCompile("^up"), 10*time.Second); err != nil {
				t.Fatal(err)
			}
			code, err = p.Stop(10 * time.Second)
		} else {
			code, err = p.Wait(10 * time.Second)
		}
		if err != nil || code != c.want {
			t.Errorf("%s: code %d, %v; want %d", c.script, code, err, c.want)
		}
	}
}

func TestProcessThatIgnoresTermIsKilled(t *testing.T) {
	p := runShell(t, "trap '' TERM; echo up; while :; do sleep 0.05; done")
	if _, err := p.waitLog(regexp.MustCompile("^up"), 10*time.Second); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Stop(200 * time.Millisecond); err == nil || code != 128+9 {
		t.Errorf("code %d, %v", code, err)
	}
}

func TestWaitLogGivesUpWhenTheProcessEnds(t *testing.T) {
	p := runShell(t, "echo one; echo two >&2; exit 4")
	if line, err := p.waitLog(regexp.MustCompile("tw."), 10*time.Second); err != nil || line != "two" {
		t.Errorf("line %q, %v", line, err)
	}
	_, err := p.waitLog(regexp.MustCompile("three"), time.Minute)
	if err == nil || !strings.Contains(err.Error(), "ended with code 4") {
		t.Errorf("got %v", err)
	}
}
