package harness

import (
	"errors"
	"os"
	"path/filepath"
)

// moduleDir is the folder of the test module: a test runs in its package's folder, and
// this package's own folder is the mark that says which of those above is meant.
func moduleDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "harness", "module.go")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("looking for the test module: run the tests inside the repository")
		}
		dir = up
	}
}

// rootDir is the folder of the repository.
func rootDir() (string, error) {
	dir, err := moduleDir()
	return filepath.Dir(dir), err
}
