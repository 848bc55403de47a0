package main

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/options"
)

// TestReadmes holds that the plugins' READMEs tell the options that there are.
func TestReadmes(t *testing.T) {
	t.Chdir("../..")
	err := eachReadme(func(path string, _ []byte) error {
		t.Errorf("%s is not up to date: run make docs", path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTables holds every table to what the host and an operator need.
func TestTables(t *testing.T) {
	for _, p := range plugins() {
		seen := map[string]bool{}
		for _, o := range p.table {
			if options.Reserved(o.Name) {
				t.Errorf("%s: the host keeps %s for itself", p.file, o.Name)
			}
			if seen[o.Name] {
				t.Errorf("%s: %s is there twice", p.file, o.Name)
			}
			seen[o.Name] = true
			if o.Help == "" || strings.ToLower(o.Name) != o.Name {
				t.Errorf("%s: %s has no help, or no name in lower case", p.file, o.Name)
			}
			if o.Required && o.Value.Set(o.Example) != nil {
				t.Errorf("%s: the example of %s is not a value of it", p.file, o.Name)
			}
		}
	}
}
