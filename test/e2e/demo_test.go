package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/harness"
)

// The demo that the README starts with, on what it brings itself and on real servers.
func TestDemo(t *testing.T) {
	k, l := servers(t)
	plugins, err := harness.PluginsDir()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "demo")
	if text, err := exec.Command("go", "build", "-o", program, "../demo").CombinedOutput(); err != nil {
		t.Fatalf("building the demo: %v\n%s", err, text)
	}
	for name, servers := range map[string][]string{
		"embedded":     {"KAFKA=", "LOKI="},
		"real servers": {"KAFKA=" + k.Brokers(), "LOKI=" + l.URL},
	} {
		t.Run(name, func(t *testing.T) {
			eachHost(t, func(t *testing.T, host harness.HostBinary) {
				demo := exec.Command(program)
				demo.Env = append(os.Environ(), append(servers, "TIDEGATE_PLUGINS="+plugins)...)
				if host.FluentBit {
					demo.Env = append(demo.Env, "FLUENT_BIT="+host.Path)
				} else {
					demo.Env = append(demo.Env, "TIDEGATE_HOST=testhost")
				}
				text, err := demo.CombinedOutput()
				if err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				for _, want := range []string{"all 3300 records arrived once", `{deviceid="garage", job="kafka"}`, "75 of    75"} {
					if !strings.Contains(string(text), want) {
						t.Errorf("the demo does not say %q:\n%s", want, text)
					}
				}
			})
		})
	}
}
