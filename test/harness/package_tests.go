package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// PackageTests are tests of a package of the product that need a real server, and skip
// where they are not told one: a program, so that its end is that of the tests.
type PackageTests struct {
	program string
	dir     string
	which   string
	names   []string
}

// BuildPackageTests builds those whose name matches which. That there are none is an error:
// a pattern that matches nothing would pass for ever.
func BuildPackageTests(t testing.TB, dir, which string) *PackageTests {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	p := &PackageTests{program: filepath.Join(t.TempDir(), filepath.Base(dir)+".test"), dir: filepath.Join(root, dir), which: which}
	build := exec.Command("go", "test", "-c", "-o", p.program, "./"+dir)
	build.Dir = filepath.Clean(root)
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the tests of %s: %v\n%s", dir, err, text)
	}
	list := exec.Command(p.program, "-test.list="+which)
	list.Dir = p.dir
	text, err := list.Output()
	if p.names = strings.Fields(string(text)); err != nil || len(p.names) == 0 {
		t.Fatalf("the tests of %s that match %s: %q, %v", dir, which, text, err)
	}
	return p
}

// Run runs them in their package's folder and returns what they print. An error says which
// failed, were skipped, or did not run: each has to pass.
func (p *PackageTests) Run(ctx context.Context, env map[string]string) (text string, err error) {
	run := exec.CommandContext(ctx, p.program, "-test.v", "-test.timeout=9m", "-test.run="+p.which)
	run.Dir = p.dir
	run.Env = os.Environ()
	for name, value := range env {
		run.Env = append(run.Env, name+"="+value)
	}
	b, err := run.CombinedOutput()
	return string(b), errors.Join(err, allPassed(string(b), p.names))
}

// allPassed reads what go test -v prints.
func allPassed(text string, names []string) error {
	var wrong []error
	for line := range strings.Lines(text) {
		if name, is := strings.CutPrefix(strings.TrimSpace(line), "--- SKIP: "); is {
			wrong = append(wrong, fmt.Errorf("skipped: %s", strings.TrimSpace(name)))
		}
	}
	for _, name := range names {
		if !strings.Contains("\n"+text, "\n--- PASS: "+name+" (") {
			wrong = append(wrong, fmt.Errorf("not passed: %s", name))
		}
	}
	return errors.Join(wrong...)
}
