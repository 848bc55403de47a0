package manifests_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// imageFolder is where the image has the plugins and, below, the folder conf.
const imageFolder = "/opt/tidegate"

// instruction is one of a Dockerfile, with its continued lines joined.
type instruction struct {
	name string
	args []string
}

func dockerfile(t *testing.T) (all []instruction) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "docker", "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		fields := strings.Fields(line)
		if len(fields) > 0 && !strings.HasPrefix(fields[0], "#") {
			all = append(all, instruction{fields[0], fields[1:]})
		}
	}
	return all
}

// The image cannot be built in this test. What it copies is there, what it is based on has
// a version, and what the configurations of this repository expect of it is set.
func TestDockerfile(t *testing.T) {
	ignored := ignoredPaths(t)
	set := map[string]string{}
	for _, i := range dockerfile(t) {
		switch i.name {
		case "FROM":
			plainImage(t, i.args[0])
		case "COPY":
			for _, from := range i.args[:len(i.args)-1] {
				if strings.HasPrefix(from, "--from=") {
					break // made by an earlier stage
				}
				needFile(t, filepath.Join(root(t), from))
				if ignored[from] {
					t.Errorf("COPY %s: .dockerignore keeps it out", from)
				}
			}
		case "ENV":
			for _, arg := range i.args {
				name, value, _ := strings.Cut(arg, "=")
				set[name] = value
			}
		}
	}
	for _, name := range []string{"TIDEGATE_HOME", "LD_LIBRARY_PATH"} {
		if set[name] != imageFolder {
			t.Errorf("ENV %s=%s, want %s", name, set[name], imageFolder)
		}
	}
}

// The build stage has what make build reads: a file that the Makefile looks for and the
// stage does not copy is found by nobody before the first image is built.
func TestDockerfileCopiesWhatTheBuildReads(t *testing.T) {
	copied := map[string]bool{}
	for _, i := range dockerfile(t) {
		if i.name == "COPY" {
			for _, from := range i.args[:len(i.args)-1] {
				copied[strings.TrimPrefix(from, "./")] = true
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(root(t), "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		list, found := strings.CutPrefix(line, "SOURCES := $(shell find ")
		if !found {
			continue
		}
		list, _, _ = strings.Cut(list, " -type")
		for _, source := range strings.Fields(list) {
			if top, _, _ := strings.Cut(source, "/"); !copied[top] {
				t.Errorf("make build reads %s, which no COPY brings", source)
			}
		}
		return
	}
	t.Error("the Makefile has no line SOURCES: this test looks for it")
}

func ignoredPaths(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	ignored := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		ignored[path.Clean(strings.TrimSpace(line))] = true
	}
	return ignored
}
