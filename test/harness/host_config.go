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
}

// folder is where the plugins are, "" without any.
func (c HostConfig) folder() (string, error) {
	if c.BuiltIn || c.Plugins != "" {
		return c.Plugins, nil
	}
	return PluginsDir()
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
