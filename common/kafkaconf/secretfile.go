package kafkaconf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tidegate/tidegate/common/options"
)

// secretFile is an option that names a file with a property's value, so that a
// password need not stand in a configuration or in an environment.
type secretFile struct {
	property string
	path     string // "" for unset
}

// maxSecret is far above any password and keeps a wrong file from being sent.
const maxSecret = 4 << 10

func newSecretFiles() []secretFile {
	return []secretFile{{property: "sasl.password"}, {property: "ssl.key.password"}}
}

// option is the option's name: sasl_password_file for sasl.password.
func (f *secretFile) option() string {
	return strings.ReplaceAll(f.property, ".", "_") + "_file"
}

func (f *secretFile) row() options.Option {
	return options.Option{
		Name:    f.option(),
		Value:   options.Text(&f.path),
		Help:    fmt.Sprintf("A file that holds %s%s, instead of that. It is read at start; a line's end after it does not count.", Prefix, f.property),
		Example: "/etc/tidegate/" + strings.ReplaceAll(f.property, ".", "-"),
	}
}

// read returns the file's secret. No error repeats any of it.
func (f *secretFile) read() (string, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", f.option(), err)
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("%s: %w", f.option(), err)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	switch {
	case secret == "":
		return "", fmt.Errorf("%s %q is empty: it must hold the value of %s%s", f.option(), f.path, Prefix, f.property)
	case len(text) > maxSecret:
		return "", fmt.Errorf("%s %q must have at most %d bytes", f.option(), f.path, maxSecret)
	case strings.ContainsAny(secret, "\r\n\x00"):
		return "", fmt.Errorf("%s %q must have one line", f.option(), f.path)
	}
	return secret, nil
}

// fromFile reports whether a property is to come from a file.
func (p *Properties) fromFile(name string) bool {
	for i := range p.files {
		if p.files[i].property == name {
			return p.files[i].path != ""
		}
	}
	return false
}

// readFiles gives properties the secrets of their files, once.
func (p *Properties) readFiles() error {
	var errs []error
	for i := range p.files {
		f := &p.files[i]
		if f.path == "" {
			continue
		}
		if p.value(f.property) != "" {
			errs = append(errs, fmt.Errorf("%s and %s%s are both set: set one of them", f.option(), Prefix, f.property))
			continue
		}
		text, err := f.read()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		p.values[p.index(f.property)] = text
	}
	return errors.Join(errs...)
}
