// Package command is the program tidegate, which stands beside the agent and
// tells what its outputs would do. The program itself is a few lines of C that
// open libtidegate.so: so it explains with the code that the agent runs.
//
// It reads configurations and records. It opens no connection, and no file but
// those that a configuration has its options in.
package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Exit codes.
const (
	exitOK = 0
	// exitRecords: a line is no record, or a record would be rejected.
	exitRecords = 1
	// exitUsage: the arguments or the configuration are wrong.
	exitUsage = 2
)

const help = `tidegate stands beside a Fluent Bit with Tidegate's plugins.

usage: tidegate inspect -c FILE [-t TAG] [-o OUTPUT] [-n RECORDS] < records.jsonl
       tidegate --help
       tidegate --version

inspect reads records, one a line, and tells what each output tidegate_loki of
the configuration would send: the labels and from where each came, structured
metadata, the line, and what the limits changed. Nothing is sent, and no server
is needed. What the agent's filters and processors do is not done: give the
records as they leave those.

  -c FILE     Fluent Bit's configuration, classic or YAML (.yaml, .yml). Its
              variables are taken from the environment.
  -t TAG      the records' tag: only outputs whose match takes it are asked.
              Without it each output has a tag of its own: its match, with
              "inspect" for every *.
  -o OUTPUT   ask this output only, by its alias or by name: tidegate_loki.1
  -n RECORDS  stop after so many records

A line is one of
  {"a":1}                         a record of now
  [1764331200.5, {"a":1}]         a time, in seconds or as RFC 3339, and a record
  [[1764331200.5, {"m":2}], {}]   the same with the event's metadata, @metadata
  [1764331200.5, {"a":1}, {"resource":{"attributes":{"service.name":"shop"}}}]
                                  a record with what its group has, @resource,
                                  @scope and @group

It ends with 0 if every record would be sent, with 1 if one would be rejected or
a line is no record, and with 2 if the arguments or the configuration are wrong.
`

// command is one run of the program.
type command struct {
	version   string
	in        io.Reader
	out, errs io.Writer
	now       func() time.Time
	lookup    func(name string) (string, bool) // environment variables
}

// Main runs the program with its arguments, the first of which is its name, and
// returns its exit code.
func Main(args []string, version string) int {
	c := &command{version: version, in: os.Stdin, out: os.Stdout, errs: os.Stderr, now: time.Now, lookup: os.LookupEnv}
	return c.run(args[min(len(args), 1):])
}

func (c *command) run(args []string) int {
	if len(args) == 0 {
		_, _ = io.WriteString(c.errs, help) // as in say
		return exitUsage
	}
	var err error
	switch args[0] {
	case "help", "-h", "-help", "--help":
		_, err = io.WriteString(c.out, help)
	case "version", "-v", "-version", "--version":
		_, err = fmt.Fprintln(c.out, "tidegate", c.version)
	case "inspect":
		err = c.inspect(args[1:])
	default:
		err = usage(fmt.Errorf("there is no command %q: see tidegate --help", args[0]))
	}
	return c.end(err)
}

// usageError is what is wrong before any record was read.
type usageError struct{ error }

func usage(err error) error { return usageError{err} }

// errRecords is returned where everything was said already.
var errRecords = errors.New("some records would not be sent")

// end tells an error and returns the exit code.
func (c *command) end(err error) int {
	var wrong usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errRecords):
		return exitRecords
	}
	c.say("%v", err)
	if errors.As(err, &wrong) {
		return exitUsage
	}
	return exitRecords
}

// say writes a line that is no explanation. There is nowhere to tell that it
// cannot be written.
func (c *command) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c.errs, "tidegate: "+format+"\n", args...)
}
