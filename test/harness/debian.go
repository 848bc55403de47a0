package harness

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// A run that may not install is told what would be installed, once, in this form.
const aptInstall = "apt-get install -y --no-install-recommends "

// installing keeps two tests of one process from running apt at the same time; between
// processes apt waits on its own lock.
var installing sync.Mutex

// WantCommand makes sure that a program is there, as needCommand does, and skips the test
// where it cannot be.
func WantCommand(t *testing.T, name string, packages ...string) {
	t.Helper()
	if _, err := needCommand(name, packages...); err != nil {
		t.Skip(err)
	}
}

// needCommand makes sure that a program is there. As root on Debian a missing one is
// installed; elsewhere the error holds the command that does it.
func needCommand(name string, packages ...string) (string, error) {
	installing.Lock()
	defer installing.Unlock()
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	list := strings.Join(packages, " ")
	if _, err := os.Stat("/etc/debian_version"); err != nil || os.Geteuid() != 0 {
		return "", fmt.Errorf("%s is not installed; on Debian: sudo %s%s", name, aptInstall, list)
	}
	Progress("installing %s (Debian package), once", list)
	script := "apt-get -o DPkg::Lock::Timeout=300 update -qq && " +
		"DEBIAN_FRONTEND=noninteractive " + strings.Replace(aptInstall, "apt-get", "apt-get -o DPkg::Lock::Timeout=300 -qq", 1) + list
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		return "", fmt.Errorf("installing %s: %w\n%s", list, err, lastLines(string(out), 10))
	}
	return exec.LookPath(name)
}
