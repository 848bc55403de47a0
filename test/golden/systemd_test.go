package golden_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

// journalTool makes a journal out of text.
const journalTool = "/lib/systemd/systemd-journal-remote"

// journal is two entries in systemd's export format. A journal takes only fields whose names look like these.
const journal = `__CURSOR=s=0123456789abcdef0123456789abcdef;i=1;b=0123456789abcdef0123456789abcdef;m=1;t=1;x=1
__REALTIME_TIMESTAMP=1767323045000006
__MONOTONIC_TIMESTAMP=1000001
_BOOT_ID=0123456789abcdef0123456789abcdef
_TRANSPORT=syslog
PRIORITY=4
SYSLOG_IDENTIFIER=sshd
_PID=4711
_SYSTEMD_UNIT=ssh.service
_HOSTNAME=node-1
MESSAGE=refused

__CURSOR=s=0123456789abcdef0123456789abcdef;i=2;b=0123456789abcdef0123456789abcdef;m=2;t=2;x=2
__REALTIME_TIMESTAMP=1767323046000007
__MONOTONIC_TIMESTAMP=2000002
_BOOT_ID=0123456789abcdef0123456789abcdef
_TRANSPORT=journal
PRIORITY=6
_COMM=app
_EXE=/usr/bin/app
MESSAGE=started
CODE_LINE=12

`

// systemd is what the journal input makes of them.
func systemd() scenario {
	return scenario{name: "systemd", events: 2, prepare: func(t *testing.T, dir string) (string, feed) {
		harness.WantCommand(t, journalTool, "systemd-journal-remote")
		cmd := exec.Command(journalTool, "--output="+filepath.Join(dir, "system.journal"), "-")
		cmd.Stdin = strings.NewReader(journal)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("making a journal: %v\n%s", err, out)
		}
		return `
[INPUT]
    Name           systemd
    Tag            journal
    Path           ` + dir + `
    Read_From_Tail off
`, nil
	}}
}
