package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Serialize runs a program of Python that writes values with a schema registry's own serializers,
// and returns what it prints. dir, within the test module, holds the program, serialize.py, and its
// requirements.txt, which pip installs once, into the cache. It skips the test where Python or the packages cannot be had.
func Serialize(t testing.TB, dir, url, user, password string) []byte {
	t.Helper()
	module, err := moduleDir()
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(module, dir)
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip(err)
	}
	packages, err := serializers(python, filepath.Join(dir, "requirements.txt"))
	if err != nil {
		t.Skipf("no serializers: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), python, filepath.Join(dir, "serialize.py"))
	cmd.Env = append(os.Environ(), "PYTHONPATH="+packages, "REGISTRY_URL="+url, "REGISTRY_USER="+user+":"+password)
	out, err := cmd.Output()
	if err != nil {
		var words []byte
		if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // Output returns it bare
			words = exit.Stderr
		}
		t.Fatalf("serializing: %v\n%s", err, lastLines(string(words), 20))
	}
	return out
}

// serializers returns where the packages are, for this very Python: some have machine code in
// them.
func serializers(python, requirements string) (string, error) {
	version, err := exec.Command(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", python, err)
	}
	return installed("serializers-"+string(version[:len(version)-1]), requirements, python, func(into string) []string {
		return []string{"-m", "pip", "install", "--quiet", "--target", into, "-r", requirements}
	})
}
