package harness

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// HostBinary is a program that loads the plugins.
type HostBinary struct {
	Path      string
	Name      string // "Fluent Bit v5.1.1 with jemalloc", "test host": for people
	FluentBit bool   // else the stand-in of test/host
}

// Short fits into the name of a subtest.
func (b HostBinary) Short() string {
	return strings.ReplaceAll(strings.TrimPrefix(b.Name, "Fluent Bit "), " ", "-")
}

// Hosts lists the programs to run the tests on. FLUENT_BIT names one or several, with
// colons between; without it the fluent-bit on PATH is taken, and without that the
// stand-in. TIDEGATE_HOST=testhost asks for the stand-in in any case.
var Hosts = sync.OnceValues(findHosts)

func findHosts() ([]HostBinary, error) {
	var paths []string
	if os.Getenv("TIDEGATE_HOST") != "testhost" {
		if list := os.Getenv("FLUENT_BIT"); list != "" {
			paths = filepath.SplitList(list)
		} else if path, err := exec.LookPath("fluent-bit"); err == nil {
			paths = []string{path}
		}
	}
	var hosts []HostBinary
	for _, path := range paths {
		b, err := fluentBit(path)
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, b)
	}
	if len(hosts) == 0 {
		b, err := testHost()
		if err != nil {
			return nil, err
		}
		hosts = append(hosts, b)
	}
	for _, b := range hosts {
		Progress("host: %s (%s)", b.Name, b.Path)
	}
	return hosts, nil
}

// fluentBit asks a binary what it is. An allocator of its own is part of the answer:
// plugins fail on such a build in ways in which they do not on others.
func fluentBit(path string) (HostBinary, error) {
	out, err := exec.Command(path, "--version").Output()
	if err != nil {
		return HostBinary{}, fmt.Errorf("asking %s for its version: %w", path, err)
	}
	name, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	jemalloc, err := exports(path, "malloc_stats_print")
	if err != nil {
		return HostBinary{}, fmt.Errorf("reading the symbols of %s: %w", path, err)
	}
	if jemalloc {
		name += " with jemalloc"
	} else {
		name += " without jemalloc"
	}
	return HostBinary{Path: path, Name: name, FluentBit: true}, nil
}

// exports reports whether an executable defines a dynamic symbol.
func exports(path, symbol string) (bool, error) {
	f, err := elf.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return false, err
	}
	for _, s := range symbols {
		if s.Name == symbol && s.Section != elf.SHN_UNDEF {
			return true, nil
		}
	}
	return false, nil
}

// testHost builds the stand-in; make does nothing where it is up to date.
func testHost() (HostBinary, error) {
	root, err := rootDir()
	if err != nil {
		return HostBinary{}, err
	}
	out := filepath.Join(root, "build", "work", "testhost")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return HostBinary{}, err
	}
	unlock, err := lock(filepath.Join(out, ".lock"))
	if err != nil {
		return HostBinary{}, err
	}
	defer unlock()
	text, err := exec.Command("make", "-C", filepath.Join(root, "test", "host"), "OUT="+out).CombinedOutput()
	if err != nil {
		return HostBinary{}, fmt.Errorf("building the test host: %w\n%s", err, lastLines(string(text), 20))
	}
	return HostBinary{Path: filepath.Join(out, "tidegate-testhost"), Name: "test host"}, nil
}
