package abi_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// wrapped gives a program that runs the host under a command.
func wrapped(t *testing.T, command, host string) string {
	t.Helper()
	script := filepath.Join(t.TempDir(), "host")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nexec "+command+" '"+host+"' \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return script
}

// A valgrind run has the program to start and the file that its report goes to.
type valgrind struct {
	program, report string
}

// underValgrind runs the ordinary host. Undefined values are not looked for: to valgrind, all that a goroutine's stack holds is
// undefined once the runtime moved it.
func underValgrind(t *testing.T) valgrind {
	t.Helper()
	tool, err := exec.LookPath("valgrind")
	if err != nil {
		t.Skip("needs valgrind")
	}
	known, err := filepath.Abs("../host/testdata/valgrind.supp")
	if err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(t.TempDir(), "report")
	return valgrind{wrapped(t, fmt.Sprintf("'%s' -q --undef-value-errors=no --leak-check=full "+
		"--show-leak-kinds=definite,indirect,possible --suppressions='%s' --log-file='%s'", tool, known, report), testhost()), report}
}

var (
	blankRE = regexp.MustCompile(`(?m)^==\d+== \n`)
	// goFrameRE is an instruction of Go code, or of what cgo puts between it and C. The runtime changes stacks behind
	// valgrind's back, which takes a goroutine's for memory below the thread's own, where nobody may read or write.
	goFrameRE = regexp.MustCompile(`\A(?:==\d+== (?:Thread .*|\S.*)\n)*==\d+== {4}at 0x\w+: (\?\?\?|_cgo\w*) \(in \S*/libtidegate\.so\)\n`)
)

// errors are the reports but those of Go code.
func (v valgrind) errors(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile(v.report)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, report := range blankRE.Split(string(text), -1) {
		if strings.Contains(report, " at 0x") && !goFrameRE.MatchString(report) {
			all = append(all, report)
		}
	}
	return all
}

// What is left out leaves the errors of a plugin's C code to see.
func TestValgrindSeesPlugins(t *testing.T) {
	t.Parallel()
	for misuse, report := range map[string]string{
		"none": "", "leak": "definitely lost", "freed": "Invalid read", "twice": "Invalid free",
	} {
		t.Run(misuse, func(t *testing.T) {
			t.Parallel()
			v := underValgrind(t)
			p := start(t, v.program, misusing(misuse))
			p.awaitTrace("flushed", 1)
			if code := p.term(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			found := strings.Join(v.errors(t), "\n")
			if !strings.Contains(found, report) || (found == "") != (report == "") {
				t.Errorf("want a report of %q, got:\n%s", report, found)
			}
		})
	}
}
