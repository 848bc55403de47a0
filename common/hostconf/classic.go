package hostconf

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// classic reads a configuration in the classic form.
func (l *loader) classic(path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	l.root = filepath.Dir(real)
	return l.classicFile(path)
}

func (l *loader) classicFile(path string) error {
	if err := l.enter(path); err != nil {
		return err
	}
	text, err := readFile(path)
	if err != nil {
		return err
	}
	return l.classicText(path, text)
}

func (l *loader) classicText(path, text string) error {
	f := &classicFile{loader: l}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		// C's strings end at a zero.
		line, _, _ = strings.Cut(line, "\x00")
		if err := f.line(line); err != nil {
			return fmt.Errorf("%s:%d: %w", path, number, err)
		}
	}
	return nil
}

func readFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading the configuration: %w", err)
	}
	defer file.Close() //nolint:errcheck // It was only read.
	text, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err != nil {
		return "", fmt.Errorf("reading the configuration: %w", err)
	}
	if len(text) > maxSize {
		return "", fmt.Errorf("reading the configuration: %s is larger than %d bytes", path, maxSize)
	}
	return string(text), nil
}

// classicFile is the reading of one file. A section ends with its file.
type classicFile struct {
	*loader
	section *Section
	group   bool
	// indent is what the file's settings begin with, as its first one does.
	indent string
}

// line reads one line.
func (f *classicFile) line(line string) error {
	switch {
	case line == "" || line[0] == '#':
		return nil
	case len(line) > 9 && strings.EqualFold(line[:9], "@INCLUDE "):
		return f.include(line[9:])
	case line[0] == '@' && len(line) > 3:
		return f.command(line)
	case line[0] == '[':
		end := strings.IndexByte(line, ']')
		if end < 2 {
			return fmt.Errorf("the name of a section stands between [ and ]")
		}
		f.section, f.group = &Section{}, false
		f.add(line[1:end], f.section)
		return nil
	}
	return f.setting(line)
}

// command reads @SET name=value. The agent passes others by.
func (f *classicFile) command(line string) error {
	name, rest, found := strings.Cut(line[1:], " ")
	if !found {
		return fmt.Errorf("a command has a value, as in @SET name=value")
	}
	if !strings.EqualFold(name, "SET") {
		return nil
	}
	name, value, found := strings.Cut(strings.TrimSpace(rest), "=")
	if !found {
		return nil // which the agent complains of, and goes on
	}
	return f.env.define(name, value)
}

// include reads other files, of a path that is relative to the working
// directory or, if there is none there, to the folder of the first file.
func (f *classicFile) include(path string) error {
	beside := path
	if !filepath.IsAbs(path) {
		beside = filepath.Join(f.root, path)
	}
	if strings.Contains(path, "*") {
		paths, err := glob(beside)
		if err != nil {
			return err
		}
		for _, p := range paths {
			if err := f.classicFile(p); err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		path = beside
	}
	return f.classicFile(path)
}

// setting reads a line that is none of the others.
func (f *classicFile) setting(line string) error {
	if f.indent == "" {
		f.indent = line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if f.indent == "" {
			return fmt.Errorf("a setting stands further right than its section")
		}
	}
	rest, is := strings.CutPrefix(line, f.indent)
	if !is {
		if strings.Trim(line, " \t") == "" {
			return fmt.Errorf("a line of spaces must be indented as the settings are")
		}
		return fmt.Errorf("a setting must be indented as the first one is")
	}
	deeper := len(rest) - len(strings.TrimLeft(rest, " \t"))
	if deeper != 0 && deeper != len(f.indent) {
		return fmt.Errorf("a setting must be indented as the first one is")
	}
	if f.group = f.group && deeper > 0; deeper > 0 {
		rest = rest[deeper:]
	}
	if rest == "" || rest[0] == '#' {
		return nil
	}
	key, value, found := strings.Cut(rest, " ")
	switch {
	case !found || value == "":
		return fmt.Errorf("%q has no value: it comes behind a space", rest)
	case key[:min(len(key), 1)] == "[":
		f.group = true
		return nil
	case f.section == nil:
		return fmt.Errorf("%q is in no section", rest)
	case !f.group:
		f.section.Settings = append(f.section.Settings, Setting{strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)})
	}
	return nil
}
