// Command bench measures pipelines on a real Fluent Bit, with our plugins and with
// the built-in ones, in turns: Kafka → null, Kafka → Loki, file → null, file → Loki, also with
// the built-in output's gzip, file → Kafka.
//
// It is a program and no test: there is nothing to pass, it has flags, and its output
// is two tables, on the screen and under build/bench: the figures, and whether the goals
// hold. It uses the servers of package harness. What each figure is stands below the table.
// The exit code is 1 if a run of ours lost a record, stored one twice or did not finish; a
// goal that is missed is told and no more, for the machine may be shared.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	// The agents get a signal when the thread that started them ends, so that none
	// outlives this program. This keeps the first thread, which ends last, for measure.
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := measure(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

func measure(ctx context.Context) error {
	o, err := parseOptions(flag.NewFlagSet("bench", flag.ExitOnError), os.Args[1:])
	if err != nil {
		return err
	}
	m, err := lookAtMachine() // before anything of ours makes it busy
	if err != nil {
		return err
	}
	b, err := open(o)
	if err != nil {
		return err
	}
	defer b.close()
	if o.profile {
		return b.profileAll(ctx)
	}
	report := newReport(b, m)
	fmt.Println(report.conditions())
	for round := 1; round <= o.rounds; round++ {
		for _, p := range o.pairings {
			if err := b.turn(ctx, p, round, report); err != nil {
				// What was measured so far took minutes.
				return errors.Join(err, report.finish(o.out))
			}
		}
	}
	if err := report.finish(o.out); err != nil {
		return err
	}
	return report.failure()
}

// turn measures both sides of a pairing once. They take turns in going first: what the
// first leaves behind, in caches and in the broker, is not always the same side's.
func (b *bench) turn(ctx context.Context, p pairing, round int, r *report) error {
	order := []side{ours, builtIn}
	if round%2 == 0 {
		order = []side{builtIn, ours}
	}
	for _, s := range order {
		if r.hopeless(p, s) {
			continue
		}
		got, err := b.measureLoad(ctx, p, s)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", p.name, s, err)
		}
		r.addLoad(p, s, round, got)
	}
	if !p.to.keepsTime() {
		return nil
	}
	for _, s := range order {
		got, err := b.measureLatency(ctx, p, s)
		if err != nil {
			return fmt.Errorf("latency of %s, %s: %w", p.name, s, err)
		}
		r.addLatency(p, s, round, got)
	}
	return nil
}
