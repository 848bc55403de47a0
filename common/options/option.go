// Package options reads a plugin's options, strictly.
//
// One Table per plugin is the single truth about its options: it drives
// parsing, defaults, the log line with the effective configuration, the
// properties that the host is told to allow, and the reference in the docs.
//
// A Value binds an option to a variable, in the manner of package flag: the
// variable's value when the Table is made is the default.
package options

import (
	"errors"
	"fmt"
	"strings"
)

// Option is one row of a Table.
type Option struct {
	// Name is snake_case and must not be one that the host keeps for itself
	// (see Reserved).
	Name string
	// Aliases are names that other programs have for the same option, in lower
	// case: the host does not tell cases apart. They are taken, but not told.
	Aliases []string
	// Value is where the option goes and how text becomes it.
	Value Value
	// Required options have no default and must not be empty.
	Required bool
	// Secret values are never printed.
	Secret bool
	// Help is a sentence for operators, without the default and the rule.
	Help string
	// Example is a value that parses.
	Example string
}

// Value is a typed destination of an option's text.
type Value interface {
	// Set parses text. Its error is a rule, in words that follow the option's
	// name and value: `must be one of json, raw`.
	Set(text string) error
	// String returns the present value as an operator would write it, empty
	// for unset.
	String() string
	// Kind names the type for the reference: `size`, `list`.
	Kind() string
}

// Table is a plugin's options, in the order of the reference.
type Table []Option

// Getter returns the text of an option, or false where it was not given.
type Getter func(name string) (string, bool)

// Parse sets every option that get has. The error joins what is wrong with
// all of them; use Problems to print it on one line.
func (t Table) Parse(get Getter) error {
	var errs []error
	for _, o := range t {
		text, given, err := o.text(get)
		switch {
		case err != nil:
			errs = append(errs, err)
		case text == "" && o.Required:
			errs = append(errs, fmt.Errorf("%s is required: %s, such as %q", o.Name, o.Value.Kind(), o.Example))
		case !given || text == "":
			// The host cannot tell an empty option from a missing one.
		default:
			if err := o.Value.Set(text); err != nil {
				errs = append(errs, o.refuse(text, err))
			}
		}
	}
	return errors.Join(errs...)
}

// text returns what was given for an option, under any of its names.
func (o Option) text(get Getter) (text string, given bool, err error) {
	by := ""
	for _, name := range append([]string{o.Name}, o.Aliases...) {
		found, ok := get(name)
		if found = strings.TrimSpace(found); !ok || found == "" {
			continue
		}
		if given {
			return "", false, fmt.Errorf("%s is given twice, as %s and as %s", o.Name, by, name)
		}
		text, given, by = found, true, name
	}
	return text, given, nil
}

// refuse words an error for one option without giving a secret away.
func (o Option) refuse(text string, rule error) error {
	if o.Secret {
		return fmt.Errorf("%s %w", o.Name, rule)
	}
	return fmt.Errorf("%s %q %w", o.Name, clip(text), rule)
}

// clip bounds what an error repeats of an operator's text.
func clip(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// Problems words an error of Parse and Validate for one log line: the host's
// log escapes newlines. A nil error is no problem and gives "".
func Problems(err error) string {
	if err == nil {
		return ""
	}
	lines := strings.Split(err.Error(), "\n")
	return strings.Join(lines, "; ")
}

// mask stands for a secret in everything that is printed.
const mask = "<secret>"

// Effective returns name=value pairs of every option that has a value, for
// the one log line at start.
func (t Table) Effective() string {
	var b strings.Builder
	for _, o := range t {
		text := o.Value.String()
		if text == "" {
			continue
		}
		if o.Secret {
			text = mask
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(o.Name)
		b.WriteByte('=')
		if strings.ContainsAny(text, " \t\"") {
			fmt.Fprintf(&b, "%q", text)
		} else {
			b.WriteString(text)
		}
	}
	return b.String()
}
