// Package hostconf reads Fluent Bit's configuration files, classic and YAML, as
// Fluent Bit 5.1.1 reads them: what it takes is taken, with the same result, and
// what it refuses is refused. It is for programs that stand beside the agent;
// plugins get their options from the agent itself.
//
// It knows the sections of a pipeline and their settings, includes, @SET, env
// and ${VARIABLES}. It does not know which settings a plugin has, and it runs
// nothing: no plugin, no filter, no processor.
package hostconf

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Config is a configuration and all that it includes.
type Config struct{ Inputs, Filters, Outputs []*Section }

// Section is one input, filter or output.
type Section struct {
	Settings []Setting
	// Processors tells that it has some.
	Processors bool
	// Unset are the variables that it uses and that are not set, in order, each
	// once. The agent takes them for empty, with a warning.
	Unset []string
}

// Setting is one line of a section. The key is in lower case, and the value as
// the agent sees it, with its variables replaced.
type Setting struct{ Key, Value string }

// Get returns the last value of a key that is not empty.
func (s *Section) Get(key string) (value string, is bool) {
	for _, x := range s.Settings {
		if x.Key == key && x.Value != "" {
			value, is = x.Value, true
		}
	}
	return value, is
}

// Read reads the file of a path, in the form that its name tells. lookup is
// where variables are that the files do not set themselves: os.LookupEnv. The
// error tells the file and the line.
func Read(path string, lookup func(name string) (string, bool)) (*Config, error) {
	l := &loader{env: environment{lookup: lookup, set: map[string]string{}}}
	var err error
	if isYAML(path) {
		err = l.yaml(path)
	} else {
		err = l.classic(path)
	}
	if err != nil {
		return nil, err
	}
	for _, all := range [][]*Section{l.Inputs, l.Filters, l.Outputs} {
		for _, s := range all {
			l.env.unset = nil
			for i := range s.Settings {
				s.Settings[i].Value = l.env.expand(s.Settings[i].Value)
			}
			s.Unset = l.env.unset
		}
	}
	return &l.Config, nil
}

// isYAML reports which form a file has: the agent goes by its name too.
func isYAML(path string) bool {
	ext := filepath.Ext(path)
	return strings.EqualFold(ext, ".yaml") || strings.EqualFold(ext, ".yml")
}

// maxFiles is the agent's own bound, and maxSize far above any configuration.
const (
	maxFiles = 1000
	maxSize  = 32 << 20
)

// loader is the reading of a configuration.
type loader struct {
	Config
	env environment
	// files are those that were read. Each may be only once.
	files []string
	// root is the folder of the first file, for includes of the classic form.
	root string
}

// enter notes that a file is going to be read.
func (l *loader) enter(path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	if real, err = filepath.Abs(real); err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	for _, before := range l.files {
		if before == real {
			return fmt.Errorf("%s is included twice", path)
		}
	}
	if len(l.files) == maxFiles {
		return fmt.Errorf("there are more than %d files", maxFiles)
	}
	l.files = append(l.files, real)
	return nil
}

// glob returns the files of a pattern, of which there is at least one. The
// agent's own order is that of the folder, which is none.
func glob(pattern string) ([]string, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("including %s: %w", pattern, err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("including %s: there is no such file", pattern)
	}
	return paths, nil
}

// add adds a section where it begins, by the kind that its file calls it. Others
// are not of interest here, such as [SERVICE].
func (l *loader) add(kind string, s *Section) {
	switch strings.ToLower(kind) {
	case "input", "inputs":
		l.Inputs = append(l.Inputs, s)
	case "filter", "filters":
		l.Filters = append(l.Filters, s)
	case "output", "outputs":
		l.Outputs = append(l.Outputs, s)
	}
}
