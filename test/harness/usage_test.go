package harness

import (
	"fmt"
	"regexp"
	"testing"
	"time"
)

func TestUsageFollowsTheProcess(t *testing.T) {
	p := runShell(t, "exec 7</dev/null; echo one; exec sleep 60")
	if _, err := p.waitLog(regexp.MustCompile("one"), 10*time.Second); err != nil {
		t.Fatal(err)
	}
	u, err := p.usage()
	if err != nil {
		t.Fatal(err)
	}
	if u.RSS < 100<<10 || u.RSS > 100<<20 || u.Threads != 1 || u.Descriptors < 4 {
		t.Errorf("a shell takes %+v", u)
	}
	p.Kill()
	if u, err := p.usage(); err == nil {
		t.Errorf("a program that has ended takes %+v", u)
	}
}

func TestUsageCountsCPU(t *testing.T) {
	p := runShell(t, "while :; do :; done")
	Eventually(t, 20*time.Second, "CPU time of a busy shell", func() error {
		u, err := p.usage()
		if err == nil && u.CPU < 50*time.Millisecond {
			return fmt.Errorf("%s so far", u.CPU)
		}
		return err
	})
}
