package e2e_test

import (
	"path/filepath"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

// pipelineLoad is what goes through each of the ready configurations.
const pipelineLoad = 20_000

// ready is one of the configurations in conf/, run as a user runs it: only the environment
// is ours.
type ready struct {
	file string // path, classic or YAML
	host harness.HostBinary
}

// eachReady runs a test on each host with both forms of a configuration.
func eachReady(t *testing.T, name string, f func(t *testing.T, r ready)) {
	t.Helper()
	root, err := harness.Root()
	if err != nil {
		t.Fatal(err)
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for _, form := range []string{"conf", "yaml"} {
			t.Run(form, func(t *testing.T) {
				if form == "yaml" && !host.FluentBit {
					t.Skip("needs Fluent Bit: the stand-in reads the classic form only (TestTwins: both say the same)")
				}
				f(t, ready{file: filepath.Join(root, "conf", name+"."+form), host: host})
			})
		}
	})
}

// start runs the configuration with these variables.
func (r ready) start(t *testing.T, env map[string]string) *harness.Host {
	t.Helper()
	return harness.StartHost(t, r.host, harness.HostConfig{File: r.file, Env: env})
}

// sibling is another configuration, in the same form and on the same host.
func (r ready) sibling(name string) ready {
	return ready{file: filepath.Join(filepath.Dir(r.file), name+filepath.Ext(r.file)), host: r.host}
}
