package abi_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is the folder with the host, its sanitizer build and both probes; TestMain fills and removes it.
var built string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tidegate-abi-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "creating a folder for the host:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	built = dir
	if err := build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func build(dir string) error {
	commands := [][]string{
		{"make", "-s", "-C", "../host", "OUT=" + dir, "all", "asan"},
		{"cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O1", "-g", "-DPROBE_INPUT",
			`-DPROBE_NAME="probe_in"`, "-o", filepath.Join(dir, "probe_in.so"), "../host/testdata/probe.c"},
		{"cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O1", "-g", "-DPROBE_OUTPUT",
			`-DPROBE_NAME="probe_out"`, "-o", filepath.Join(dir, "probe_out.so"), "../host/testdata/probe.c"},
	}
	for _, c := range commands {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("running %v: %w\n%s", c, err, out)
		}
	}
	plugins := fmt.Sprintf("[PLUGINS]\n    Path %s\n    Path %s\n",
		filepath.Join(dir, "probe_in.so"), filepath.Join(dir, "probe_out.so"))
	return os.WriteFile(filepath.Join(dir, "plugins.conf"), []byte(plugins), 0o644)
}

// watchSources looks at each source of the host while a test runs: go test then knows that its cached result depends on them.
var watchSources = sync.OnceFunc(func() {
	for _, pattern := range []string{"../host/*", "../host/testdata/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			panic("no sources of the host")
		}
		for _, f := range files {
			if _, err := os.Stat(f); err != nil {
				panic(err)
			}
		}
	}
})
