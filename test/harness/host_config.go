package harness

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// HostConfig is what a host is to run.
type HostConfig struct {
	Pipeline string            // [INPUT], [FILTER] and [OUTPUT] sections, classic format
	Service  map[string]string // on top of the harness's own [SERVICE] keys
	Plugins  string            // the folder to load; "" is what make build left
	BuiltIn  bool              // load no plugins at all

	File string            // a ready configuration, run as it is in place of Pipeline and Service
	Env  map[string]string // what it reads from the environment, beside TIDEGATE_HOME
}

// folder is where the plugins are, "" without any.
func (c HostConfig) folder() (string, error) {
	if c.BuiltIn || c.Plugins != "" {
		return c.Plugins, nil
	}
	return PluginsDir()
}

// path is the file to run: the ready one, or one that is written into dir.
func (c HostConfig) path(dir, plugins string) (string, error) {
	if c.File != "" {
		return filepath.Abs(c.File)
	}
	path := filepath.Join(dir, "host.conf")
	return path, os.WriteFile(path, []byte(c.text(plugins)), 0o644)
}

// environ is the host's environment. plugins.conf holds bare names, so that its folder can
// be anywhere: the variable for libraries makes them found.
func (c HostConfig) environ(plugins string) []string {
	env := append(os.Environ(), "TIDEGATE_HOME="+plugins, "LD_LIBRARY_PATH="+plugins)
	for name, value := range c.Env {
		env = append(env, name+"="+value)
	}
	return env
}

// text is the whole configuration file. Retries come fast: tests wait for them.
func (c HostConfig) text(plugins string) string {
	service := map[string]string{
		"flush": "0.2", "grace": "5", "log_level": "info", "daemon": "off",
		"scheduler.base": "1", "scheduler.cap": "2",
	}
	if plugins != "" {
		service["plugins_file"] = filepath.Join(plugins, "plugins.conf")
	}
	maps.Copy(service, c.Service)
	var b strings.Builder
	b.WriteString("[SERVICE]\n")
	for _, k := range slices.Sorted(maps.Keys(service)) {
		fmt.Fprintf(&b, "    %-16s %s\n", k, service[k])
	}
	b.WriteString("\n" + strings.TrimSpace(c.Pipeline) + "\n")
	return b.String()
}

// PluginsDir is the folder with the built plugins: TIDEGATE_PLUGINS, else build/out.
func PluginsDir() (string, error) {
	dir := os.Getenv("TIDEGATE_PLUGINS")
	if dir == "" {
		root, err := rootDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(root, "build", "out")
	}
	if _, err := os.Stat(filepath.Join(dir, "plugins.conf")); err != nil {
		return "", errors.New("no plugins in " + dir + ": run make build first (or set TIDEGATE_PLUGINS)")
	}
	return filepath.Abs(dir)
}
