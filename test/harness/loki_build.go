package harness

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const lokiPackage = "github.com/grafana/loki/v3/cmd/loki"

// lokiBinary builds the server that test/loki pins, once.
func lokiBinary() (path, version string, err error) {
	module, err := moduleDir()
	if err != nil {
		return "", "", err
	}
	source := filepath.Join(module, "loki")
	id, err := digest(filepath.Join(source, "go.mod"), filepath.Join(source, "go.sum"))
	if err != nil {
		return "", "", err
	}
	version, err = lokiVersion(source)
	if err != nil {
		return "", "", err
	}
	dir, err := cached("loki-"+version+"-"+id, func(dir string) error {
		what := "building Grafana Loki " + version
		Progress("%s from its Go module, once (five to ten minutes on two cores)", what)
		defer keepTelling(what)()
		cmd := exec.Command("nice", "go", "build", "-o", filepath.Join(dir, "loki"), lokiPackage)
		cmd.Dir = source
		cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", what, err, lastLines(string(out), 20))
		}
		return nil
	})
	return filepath.Join(dir, "loki"), version, err
}

// lokiVersion reads the version from the require line of test/loki/go.mod.
func lokiVersion(source string) (string, error) {
	b, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return "", err
	}
	_, rest, ok := bytes.Cut(b, []byte("github.com/grafana/loki/v3 v"))
	if !ok {
		return "", fmt.Errorf("no requirement of Loki in %s/go.mod", source)
	}
	version, _, _ := strings.Cut(string(rest), "\n")
	return "v" + strings.TrimSpace(version), nil
}
