package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"
)

const (
	// agentStart bounds the time until an agent has read its first record or is ready to.
	agentStart = 30 * time.Second
	// settled is how many windows without work say that a start is over.
	settled = 3
)

// source holds the load of a run.
type source interface {
	// begin returns the moment in which the first record was the agent's to read, once
	// that has come. What the agent did before is its start.
	begin(ctx context.Context, a *agent) (time.Time, error)
}

// openSource prepares the load and says in the pipeline where it is.
func (b *bench) openSource(ctx context.Context, r *run) (source, error) {
	if r.pipeline.pairing.from == inKafka {
		topic, err := b.loadedTopic(ctx)
		if err != nil {
			return nil, err
		}
		r.pipeline.brokers, r.pipeline.topic, r.pipeline.group = b.broker.address(), topic, r.name
		return kafkaSource{b.broker}, nil
	}
	from, err := b.loadedFile()
	if err != nil {
		return nil, err
	}
	r.pipeline.file = filepath.Join(r.dir, "in.log")
	return fileSource{from: from, to: r.pipeline.file}, os.WriteFile(r.pipeline.file, nil, 0o644)
}

// kafkaSource is a topic that is full before the agent starts. The relay sees when the
// first large answer passes, which is when the client has joined its group.
type kafkaSource struct{ broker *broker }

func (s kafkaSource) begin(ctx context.Context, a *agent) (at time.Time, err error) {
	err = a.until(ctx, agentStart, look, "the first messages", func() (bool, error) {
		first := s.broker.relay.firstBulk.Load()
		at = time.Unix(0, first)
		return first > 0, nil
	})
	return at, err
}

// fileSource is a file that is empty until the agent waits for lines, and then gets all
// of them at once: far faster than anybody reads.
type fileSource struct{ from, to string }

func (s fileSource) begin(ctx context.Context, a *agent) (at time.Time, err error) {
	if err := a.ready(ctx); err != nil {
		return at, err
	}
	in, err := os.Open(s.from)
	if err != nil {
		return at, err
	}
	defer in.Close()
	out, err := os.OpenFile(s.to, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return at, err
	}
	at = time.Now()
	// Plain writes: the watcher of the file is told of each.
	_, err = io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, make([]byte, 1<<20))
	return at, errors.Join(err, out.Close())
}

// ready returns when the agent has started and has nothing to do.
func (a *agent) ready(ctx context.Context) error {
	return a.until(ctx, agentStart, look, "the agent to be ready", func() (bool, error) {
		started, err := a.started()
		return started && a.meter.idle(settled), err
	})
}
