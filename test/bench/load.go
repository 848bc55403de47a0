package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// load is what one run under full load showed.
type load struct {
	Seconds   float64  `json:"seconds"` // from the first record offered to the last one stored
	CPU       float64  `json:"cpu_us_per_record"`
	PerSecond float64  `json:"records_per_second"`
	PeakRSS   float64  `json:"peak_rss_mib"`
	Sent      float64  `json:"sent_bytes_per_record"`
	Verdict   verdict  `json:"verdict"`
	Finished  bool     `json:"finished"`
	Others    float64  `json:"others_share"` // of the machine, during the run
	Complains []string `json:"log,omitempty"`
}

// good says whether the figures may be compared.
func (l load) good() bool { return l.Finished && l.Verdict.clean() }

// measureLoad runs a pipeline over all records of the load, as fast as it goes.
func (b *bench) measureLoad(ctx context.Context, p pairing, s side) (load, error) {
	r, err := b.newRun(p, s)
	if err != nil {
		return load{}, err
	}
	defer r.close()
	from, err := b.openSource(ctx, &r)
	if err != nil {
		return load{}, err
	}
	to, err := b.openSink(ctx, &r)
	if err != nil {
		return load{}, err
	}
	defer to.close()
	b.broker.relay.reset()
	a, err := startAgent(b.host.Path, r.dir, r.pipeline)
	if err != nil {
		return load{}, err
	}
	defer a.kill()
	begin, err := from.begin(ctx, a)
	if err != nil {
		return load{}, err
	}
	if b.attach == nil {
		return b.follow(ctx, a, to, begin)
	}
	detach, err := b.attach(a)
	if err != nil {
		return load{}, err
	}
	l, err := b.follow(ctx, a, to, begin)
	return l, errors.Join(err, detach())
}

// follow watches a run until its end, stops the agent and judges.
func (b *bench) follow(ctx context.Context, a *agent, to sink, begin time.Time) (l load, err error) {
	before, err := readWork()
	if err != nil {
		return l, err
	}
	end, err := to.wait(ctx, a, b.limit)
	l.Finished = err == nil
	if err != nil && (!errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil) {
		return l, err
	}
	after, err := readWork()
	if err != nil {
		return l, err
	}
	if !l.Finished {
		end = time.Now()
	}
	records := float64(b.records)
	l.Others = after.others(before)
	l.Sent = float64(to.sent()) / records
	l.Seconds = end.Sub(begin).Seconds()
	l.PerSecond = records / l.Seconds
	l.CPU = float64((a.meter.cpu(end) - a.meter.cpu(begin)).Nanoseconds()) / 1000 / records
	rss, err := peakRSS(a.pid())
	if err != nil {
		return l, fmt.Errorf("reading the agent's memory: %w", err)
	}
	l.PeakRSS = float64(rss) / (1 << 20)
	stopped := a.stop()
	l.Complains = a.complaints()
	if l.Verdict, err = to.check(ctx); stopped != nil && l.Verdict.Note == "" {
		l.Verdict.Note = stopped.Error()
	}
	return l, err
}
