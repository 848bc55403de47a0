package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/delivery"
	"github.com/tidegate/tidegate/common/fault"
	"github.com/tidegate/tidegate/common/host"
	"github.com/tidegate/tidegate/common/options"
	"github.com/tidegate/tidegate/common/plugin"
	"github.com/tidegate/tidegate/common/throttle"
)

// collectFor is how long a collect callback may stay: the host calls it once
// a second and serves the input's pause and exit on the same thread, between
// two calls.
const collectFor = 950 * time.Millisecond

// instance is one configured plugin, from init to exit. The host knows it by
// a handle.
type instance struct {
	log    *slog.Logger
	input  plugin.Input  // nil for an output
	output plugin.Output // nil for an input

	appender host.Appender    // an input's way into the host
	acks     *delivery.Output // an output's word to the inputs

	registry *prometheus.Registry // what the engine counts
	loops    []<-chan struct{}    // the ends of the core's own goroutines, which use the host's memory

	ctx    context.Context // until exit
	cancel context.CancelFunc
	failed atomic.Bool

	turns        chan struct{} // as many as flushes may run
	flushes      sync.WaitGroup
	open         table[*flush] // those that the host did not end yet
	noDescriptor throttle.Line
}

// newInstance reads the configuration and builds the engine. What is wrong
// has been logged when it returns nil.
func newInstance(reg registration, in *host.Instance) (made *instance) {
	i := &instance{log: slog.New(in.Handler()), registry: prometheus.NewRegistry(), turns: make(chan struct{}, maxFlushes)}
	i.ctx, i.cancel = context.WithCancel(context.Background())
	if !i.guard("init", func() { made = i.start(reg, in) }) {
		made = nil
	}
	if made == nil {
		i.cancel()
		i.leave()
	}
	return made
}

func (i *instance) start(reg registration, in *host.Instance) *instance {
	cfg := reg.config()
	table := cfg.Options()
	if err := errors.Join(table.Parse(in.Property), cfg.Validate()); err != nil {
		i.log.Error("invalid configuration: " + options.Problems(err))
		return nil
	}
	i.log.Info("starting tidegate " + version + ": " + table.Effective())

	var err error
	h := plugin.Host{Name: in.Name, Version: version, Log: i.log, Metrics: i.registry, Go: i.spawn, Fail: i.fail, Deliveries: deliveries}
	switch cfg := cfg.(type) {
	case plugin.InputConfig:
		if h.Taken = in.Taken(); h.Taken == nil {
			i.log.Warn("this host does not say what it took: records in its input buffer are lost when it stops")
		}
		var streaming bool
		if i.appender, streaming = in.NewAppender(); !streaming {
			i.log.Warn("this host has no streaming append: at most one buffer a second, and no tag of its own per topic")
		}
		i.input, err = cfg.NewInput(h)
	case plugin.OutputConfig:
		i.acks = deliveries.Join(reg.name, in.Name)
		h.Acks = i.acks
		i.output, err = cfg.NewOutput(h)
	}
	if err != nil {
		i.log.Error("cannot start: " + options.Problems(err))
		return nil
	}
	i.startMetrics(in)
	if i.output != nil {
		i.watchDrops(in)
	}
	return i
}

func (i *instance) collect() {
	if i.failed.Load() {
		return
	}
	i.guard("collect", func() { i.input.Collect(time.Now().Add(collectFor), i.appender) })
}

func (i *instance) close() {
	i.cancel()
	// Flushes that are under way read chunks, which the host frees after this.
	i.flushes.Wait()
	for _, f := range i.open.takeAll() {
		f.close() // the host gave its coroutine up
	}
	i.guard("exit", func() {
		if i.input != nil {
			i.input.Close()
		} else {
			i.output.Close()
		}
	})
	for _, ended := range i.loops {
		<-ended
	}
	i.leave()
}

// leave takes an output out of those that inputs wait for. What it delivered
// still counts.
func (i *instance) leave() {
	if i.acks != nil {
		i.acks.Leave()
	}
}

// loop starts a goroutine that ends with i.ctx. Only init does so.
func (i *instance) loop(name string, f func()) { i.loops = append(i.loops, i.spawn(name, f)) }

// spawn is plugin.Host.Go.
func (i *instance) spawn(name string, f func()) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		i.guard(name, f)
	}()
	return ended
}

// fail is plugin.Host.Fail.
func (i *instance) fail(err error) {
	if !i.failed.Swap(true) {
		i.log.Error("instance stopped working; restart the agent once the cause is gone", "err", err)
	}
}

// guard calls f and turns a panic into a failed instance: the agent and its
// other plugins go on. It reports whether f returned.
func (i *instance) guard(where string, f func()) (returned bool) {
	defer func() {
		if returned {
			return
		}
		// Also reached by runtime.Goexit, with a nil panic.
		cause := recover()
		i.log.Error("panic", "in", where, "cause", fmt.Sprint(cause))
		for line := range strings.Lines(string(debug.Stack())) {
			i.log.Error("panic: " + strings.TrimSpace(line))
		}
		i.fail(fmt.Errorf("panic in %s: %v", where, cause))
	}()
	fault.Point(where)
	f()
	return true
}
