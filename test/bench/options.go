package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// options are what the command line says.
type options struct {
	rounds   int
	records  int           // of a run under full load
	trickle  time.Duration // how long a latency run writes
	limit    time.Duration // that a run may take
	pairings []pairing
	profile  bool
	out      string // the folder of the reports
}

// parseOptions checks the values, so that a mistake is not found after minutes.
func parseOptions(f *flag.FlagSet, args []string) (options, error) {
	var o options
	short := f.Bool("short", false, "one round with fewer records, for a first look")
	f.IntVar(&o.rounds, "rounds", 3, "how often each pairing is measured")
	f.IntVar(&o.records, "records", 400_000, "records of a run under full load")
	f.DurationVar(&o.trickle, "trickle", 6*time.Second, "how long a latency run writes its 2,000 records a second")
	f.DurationVar(&o.limit, "limit", 90*time.Second, "how long a run may take before it is given up")
	f.BoolVar(&o.profile, "profile", false, "profile our side of each pairing with perf, and measure nothing")
	f.StringVar(&o.out, "out", "", "folder of the reports (default build/bench in the repository)")
	only := f.String("only", "", "comma-separated pairings, of "+strings.Join(pairingSlugs(), ", ")+" (default all)")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if *short {
		shorten(f, &o)
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if o.rounds < 1 || o.records < 1000 || o.trickle < time.Second || o.limit < time.Second {
		return o, fmt.Errorf("at least 1 round, 1000 records, 1s of trickle and 1s of limit are needed")
	}
	if o.out == "" {
		root, err := harness.Root()
		if err != nil {
			return o, err
		}
		o.out = filepath.Join(root, "build", "bench")
	}
	var err error
	o.pairings, err = findPairings(*only)
	return o, err
}

// shorten changes the defaults only: what was asked for by name stays.
func shorten(f *flag.FlagSet, o *options) {
	given := map[string]bool{}
	f.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if !given["rounds"] {
		o.rounds = 1
	}
	if !given["records"] {
		o.records = 150_000
	}
	if !given["trickle"] {
		o.trickle = 4 * time.Second
	}
}
