package command

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/hostconf"
)

// arguments are those of inspect.
type arguments struct {
	file, tag, output string
	records           int
	help              bool
}

func parseArguments(args []string) (a arguments, err error) {
	flags := flag.NewFlagSet("inspect", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&a.file, "c", "", "")
	flags.StringVar(&a.tag, "t", "", "")
	flags.StringVar(&a.output, "o", "", "")
	flags.IntVar(&a.records, "n", 0, "")
	err = flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return arguments{help: true}, nil
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("%q is no option", flags.Arg(0))
	case a.file == "":
		err = errors.New("-c FILE is missing: Fluent Bit's configuration")
	case a.records < 0:
		err = errors.New("-n must be a number of records")
	}
	if err != nil {
		err = usage(fmt.Errorf("inspect: %w: see tidegate --help", err))
	}
	return a, err
}

// inspect explains records.
func (c *command) inspect(args []string) error {
	a, err := parseArguments(args)
	if err != nil {
		return err
	}
	if a.help {
		_, err := io.WriteString(c.out, help)
		return err
	}
	conf, err := hostconf.Read(a.file, c.lookup)
	if err != nil {
		return usage(err)
	}
	outputs, err := chooseOutputs(a, conf)
	if err != nil {
		return usage(err)
	}
	c.note(a.file, conf, outputs)
	if err := openAll(a.file, outputs); err != nil {
		return usage(err)
	}
	return c.explain(a, outputs)
}

// note tells what a reader of the explanations has to know.
func (c *command) note(file string, conf *hostconf.Config, outputs []*output) {
	for _, o := range outputs {
		for _, name := range o.section.Unset {
			c.say("${%s} is not set: %s takes it for empty, as in the agent", name, o.name)
		}
	}
	var left []string
	for _, s := range conf.Filters {
		name, _ := s.Get("name")
		left = append(left, "filter "+name)
	}
	for _, all := range [][]*hostconf.Section{conf.Inputs, conf.Outputs} {
		for _, s := range all {
			if name, _ := s.Get("name"); s.Processors {
				left = append(left, "the processors of "+name)
			}
		}
	}
	if len(left) > 0 {
		c.say("%s has %s: not run here, so give records as they come out of there", file, strings.Join(left, ", "))
	}
}

// explain reads the records and tells what each output does with them.
func (c *command) explain(a arguments, outputs []*output) error {
	out := bufio.NewWriter(c.out)
	in := newRecords(c.in)
	all := true
	for number := 1; a.records == 0 || number <= a.records; {
		event, err := in.next(c.now())
		if errors.Is(err, io.EOF) {
			break
		}
		var wrong lineError
		if errors.As(err, &wrong) {
			c.say("%v", err)
			all = false
			continue
		}
		if err != nil {
			return err
		}
		sent, err := c.explainOne(out, number, event, outputs)
		if err != nil {
			return fmt.Errorf("writing an explanation: %w", err)
		}
		all = all && sent
		number++
	}
	if !all {
		return errRecords
	}
	return nil
}

// explainOne tells what the outputs do with one record, and whether all of them
// send it. Each explanation is written at once, for those who wait for it.
func (c *command) explainOne(out *bufio.Writer, number int, event *chunk.Event, outputs []*output) (sent bool, err error) {
	sent = true
	for i, o := range outputs {
		e := o.inspector.Explain(o.tag, event, c.now())
		sent = sent && e.Rejected == ""
		// What goes wrong, Flush returns too.
		if number > 1 || i > 0 {
			_, _ = out.WriteString("\n")
		}
		_, _ = fmt.Fprintf(out, "record %d, tag %s, to %s\n", number, e.Tag, o.name)
		if err := e.Print(out); err != nil {
			return sent, err
		}
	}
	return sent, out.Flush()
}
