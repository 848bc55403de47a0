package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tidegate/tidegate/"

// withCgo are the only packages that may call C.
var withCgo = []string{"common/host", "common/rdkafka", "plugins/core"}

// TestLayers holds the direction of dependencies: core, then engines, then
// common. Engines know neither each other nor C.
func TestLayers(t *testing.T) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg, imports := strings.TrimPrefix(words[0], module), words[1:]
		for _, imported := range imports {
			if imported == "C" && !slices.Contains(withCgo, pkg) {
				t.Errorf("%s uses cgo", pkg)
			}
			target, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			switch {
			case target == "plugins/core":
				t.Errorf("%s imports the core", pkg)
			case strings.HasPrefix(target, "plugins/") && strings.HasPrefix(pkg, "common/"),
				isEngine(target) && isEngine(pkg):
				t.Errorf("%s imports %s", pkg, target)
			}
		}
	}
}

func isEngine(pkg string) bool {
	return strings.HasPrefix(pkg, "plugins/in_") || strings.HasPrefix(pkg, "plugins/out_")
}
