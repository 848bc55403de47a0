package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tidegate/tidegate/test/harness"
)

// bench is what all runs share: one Fluent Bit, one broker, one load.
type bench struct {
	options
	host    harness.HostBinary
	plugins string
	dir     string
	parsers string
	broker  *broker

	runs  int    // so far: names are made from it
	topic string // with the load; "" before it is written
	file  string // with the load; "" before it is written

	// attach, where set, is called when a run under load has begun, and what it returns
	// when it is over.
	attach func(a *agent) (detach func() error, err error)
}

func open(o options) (b *bench, err error) {
	b = &bench{options: o}
	hosts, err := harness.Hosts()
	if err != nil {
		return nil, err
	}
	if b.host = hosts[0]; !b.host.FluentBit {
		return nil, errors.New("a real Fluent Bit is needed: on PATH, or named by FLUENT_BIT")
	}
	if b.dir, err = os.MkdirTemp("", "tidegate-bench-"); err != nil {
		return nil, err
	}
	if err = b.prepare(); err == nil {
		b.broker, err = openBroker()
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// prepare fills the folder. The plugins are copied: a build in the minutes to come would
// otherwise change what is measured.
func (b *bench) prepare() error {
	built, err := harness.PluginsDir()
	if err != nil {
		return err
	}
	b.plugins = filepath.Join(b.dir, "plugins")
	if err := os.CopyFS(b.plugins, os.DirFS(built)); err != nil {
		return fmt.Errorf("copying the plugins: %w", err)
	}
	b.parsers = filepath.Join(b.dir, "parsers.conf")
	return os.WriteFile(b.parsers, []byte(parserFile), 0o644)
}

func (b *bench) close() {
	if b.broker != nil {
		b.broker.close()
	}
	os.RemoveAll(b.dir)
}

// newRun makes a folder and a name for one run.
func (b *bench) newRun(p pairing, s side) (run, error) {
	b.runs++
	r := run{
		name: fmt.Sprintf("%s-%s-%d", p.slug, s, b.runs),
		pipeline: pipeline{
			pairing: p, side: s, parsers: b.parsers, plugins: b.plugins,
		},
	}
	r.dir = filepath.Join(b.dir, r.name)
	return r, os.Mkdir(r.dir, 0o755)
}

// run is one start of an agent.
type run struct {
	name     string
	dir      string
	pipeline pipeline
}

func (r run) close() { os.RemoveAll(r.dir) }

// loadedTopic is the topic with the load, written on first use: every run reads the same
// messages, with a group of its own.
func (b *bench) loadedTopic(ctx context.Context) (string, error) {
	if b.topic != "" {
		return b.topic, nil
	}
	const topic = "bench-load"
	harness.Progress("writing %d records into Kafka", b.records)
	if err := b.broker.create(ctx, topic); err != nil {
		return "", err
	}
	if err := b.broker.load(ctx, topic, b.records); err != nil {
		return "", err
	}
	b.topic = topic
	return topic, nil
}

// loadedFile is a file with the load, written on first use, from which each run copies.
func (b *bench) loadedFile() (string, error) {
	if b.file != "" {
		return b.file, nil
	}
	path := filepath.Join(b.dir, "load.log")
	var text []byte
	for n := range b.records {
		text = append(appendRecord(text, n, loadTime), '\n')
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return "", err
	}
	b.file = path
	return path, nil
}
