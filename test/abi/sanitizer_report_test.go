package abi_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// reports are what the sanitizers say of an error. Leaks are looked for when the process exits on its own.
var reports = []string{"ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:"}

// asanPlugins is the product, or the folder that TIDEGATE_ASAN_PLUGINS names: one that was built with GOFLAGS=-asan, so that the
// Go code and the C code beside it are instrumented too.
func asanPlugins(t *testing.T) (plugins, env string) {
	t.Helper()
	if dir := os.Getenv("TIDEGATE_ASAN_PLUGINS"); dir != "" {
		return filepath.Join(dir, "plugins.conf"), "LD_LIBRARY_PATH=" + dir
	}
	return product(t)
}

func asanHost() string { return filepath.Join(built, "tidegate-testhost-asan") }

// asanOptions: the check of frames that have returned does not follow goroutines.
const asanOptions = "ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=0"

// clean demands a log without a report.
func (p *process) clean() {
	p.t.Helper()
	for _, bad := range reports {
		if strings.Contains(p.log(), bad) {
			p.t.Errorf("the log says %q", bad)
		}
	}
}

// term asks the host to end and returns its exit code.
func (p *process) term() int {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	return p.exit()
}

// misusing is a pipeline whose output makes one error with its memory in each flush.
func misusing(how string) string {
	return `
[SERVICE]
    Plugins_File PLUGINS
    Flush        0.2
[INPUT]
    Name  probe_in
    return_records 1
[OUTPUT]
    Name  probe_out
    Match *
    trace TRACE
    misuse ` + how + "\n"
}

// A plugin is not built with the sanitizer, and still: memory that it takes and forgets is found at exit, and memory that it
// uses after it gave it back is found at once, where a function of libc touches it. So a clean run means something.
func TestSanitizerSeesPlugins(t *testing.T) {
	t.Parallel()
	for misuse, report := range map[string]string{
		"none":  "",
		"leak":  "ERROR: LeakSanitizer",
		"freed": "ERROR: AddressSanitizer: heap-use-after-free",
		"twice": "ERROR: AddressSanitizer: attempting double-free",
	} {
		t.Run(misuse, func(t *testing.T) {
			t.Parallel()
			p := start(t, asanHost(), misusing(misuse), asanOptions)
			var code int
			if misuse == "none" || misuse == "leak" {
				p.awaitTrace("flushed", 1)
				code = p.term()
			} else {
				code = p.exit()
			}
			if (code == 0) != (report == "") {
				t.Errorf("exit code %d", code)
			}
			if report == "" {
				p.clean()
			} else if !strings.Contains(p.log(), report) {
				t.Errorf("the log does not say %q", report)
			}
		})
	}
}
