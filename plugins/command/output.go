package command

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/common/hostconf"
	"github.com/tidegate/tidegate/common/options"
	outloki "github.com/tidegate/tidegate/plugins/out_loki"
)

// loki is the plugin that explains itself.
const loki = "tidegate_loki"

// output is one that records are explained for.
type output struct {
	section *hostconf.Section
	// name is the alias or, without one, the agent's name for it.
	name      string
	tag       string
	inspector *outloki.Inspector
}

// chooseOutputs returns the outputs that are asked, each with the tag that its
// records have.
func chooseOutputs(a arguments, conf *hostconf.Config) ([]*output, error) {
	all := lokiOutputs(conf)
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no output %s", a.file, loki)
	}
	if a.output != "" {
		names := namesOf(all)
		all = slices.DeleteFunc(all, func(o *output) bool { return o.name != a.output })
		if len(all) == 0 {
			return nil, fmt.Errorf("%s has no output %s %q: there is %s", a.file, loki, a.output, names)
		}
	}
	all, err := tagged(all, a.tag)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.file, err)
	}
	return all, nil
}

// openAll reads the options of all. The error tells what is wrong with any, in
// a line for each output.
func openAll(file string, all []*output) error {
	var errs []error
	for _, o := range all {
		if err := o.open(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: invalid configuration: %s", file, o.name, options.Problems(err)))
		}
	}
	return errors.Join(errs...)
}

// lokiOutputs returns the outputs of the plugin, with their names.
func lokiOutputs(conf *hostconf.Config) (all []*output) {
	for _, s := range conf.Outputs {
		if name, _ := s.Get("name"); !strings.EqualFold(name, loki) {
			continue
		}
		o := &output{section: s, name: loki + "." + strconv.Itoa(len(all))}
		if alias, is := s.Get("alias"); is {
			o.name = alias
		}
		all = append(all, o)
	}
	return all
}

func namesOf(all []*output) string {
	var names []string
	for _, o := range all {
		names = append(names, o.name)
	}
	return strings.Join(names, ", ")
}

// tagged returns the outputs that take a tag. Without one each has a tag that it
// takes: what it would be for depends on its match.
func tagged(all []*output, tag string) (taken []*output, err error) {
	var matches []string
	for _, o := range all {
		if o.tag = tag; tag == "" {
			pattern, is := o.section.Get("match")
			if _, isRegex := o.section.Get("match_regex"); isRegex && !is {
				return nil, fmt.Errorf("%s has match_regex: give a tag with -t", o.name)
			}
			if !is {
				pattern = "*"
			}
			o.tag = strings.ReplaceAll(pattern, "*", "inspect")
		}
		is, err := o.section.Taken(o.tag)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
		if is {
			taken = append(taken, o)
		}
		matches = append(matches, o.name+" "+o.match())
	}
	if len(taken) == 0 {
		return nil, fmt.Errorf("no output takes the tag %q: %s", tag, strings.Join(matches, ", "))
	}
	return taken, nil
}

// match words what an output takes.
func (o *output) match() string {
	var all []string
	for _, key := range []string{"match", "match_regex"} {
		if value, is := o.section.Get(key); is {
			all = append(all, "has "+key+" "+value)
		}
	}
	return strings.Join(all, " and ")
}

// open reads the options as the agent does, with what its host would find
// beside: names that are none, and options that are given twice.
func (o *output) open() error {
	c := outloki.NewConfig()
	table := c.Options()
	var errs []error
	known := map[string]bool{}
	for _, row := range table {
		for _, name := range append([]string{row.Name}, row.Aliases...) {
			known[name] = true
		}
	}
	seen := map[string]bool{}
	for _, s := range o.section.Settings {
		switch {
		case options.Reserved(s.Key):
		case !known[s.Key]:
			errs = append(errs, fmt.Errorf("%s is no option of %s", s.Key, loki))
		case seen[s.Key]:
			errs = append(errs, fmt.Errorf("%s is given twice", s.Key))
		}
		seen[s.Key] = true
	}
	errs = append(errs, table.Parse(o.section.Get), c.Validate())
	if err := errors.Join(errs...); err != nil {
		return err
	}
	var err error
	o.inspector, err = c.NewInspector()
	return err
}
