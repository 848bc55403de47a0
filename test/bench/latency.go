package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

const (
	// trickleRate is the records a second of a latency run: far below what any side can.
	trickleRate = 2000
	// trickleEvery is how often some of them are written.
	trickleEvery = 5 * time.Millisecond
	// probeEvery is how often a record is written before the first one has arrived.
	probeEvery = 100 * time.Millisecond
	// arriveWithin bounds the wait for the last ones.
	arriveWithin = 15 * time.Second
)

// latency is what one run under little load showed. A record's latency is the time from
// just before its write (into Kafka or into the file) to its arrival: the end of the push
// that holds it, or its message in the hands of a consumer.
type latency struct {
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	Max     float64 `json:"max_ms"`
	Records int     `json:"records"`
	Verdict verdict `json:"verdict"`
	Others  float64 `json:"others_share"`
}

// arriver notes when records arrive, by a goroutine of its own.
type arriver interface{ close() }

// measureLatency runs a pipeline on a trickle.
func (b *bench) measureLatency(ctx context.Context, p pairing, s side) (latency, error) {
	r, err := b.newRun(p, s)
	if err != nil {
		return latency{}, err
	}
	defer r.close()
	got := newArrivals(int(b.trickle.Seconds() * trickleRate))
	to, err := b.openArriver(ctx, &r, got)
	if err != nil {
		return latency{}, err
	}
	defer to.close()
	from, err := b.openWriter(ctx, &r)
	if err != nil {
		return latency{}, err
	}
	a, err := startAgent(b.host.Path, r.dir, r.pipeline)
	if err != nil {
		return latency{}, errors.Join(err, from.close())
	}
	defer a.kill()
	before, err := readWork()
	if err == nil {
		err = errors.Join(b.drip(ctx, a, from, got), from.close())
	}
	if err != nil {
		return latency{}, err
	}
	after, err := readWork()
	if err != nil {
		return latency{}, err
	}
	stopped := a.stop()
	l := got.latency()
	l.Others = after.others(before)
	return l, stopped
}

// openWriter prepares an empty source.
func (b *bench) openWriter(ctx context.Context, r *run) (writer, error) {
	if r.pipeline.pairing.from == inFile {
		r.pipeline.file = filepath.Join(r.dir, "in.log")
		return newFileWriter(r.pipeline.file)
	}
	topic := r.name + "-in"
	if err := b.broker.create(ctx, topic); err != nil {
		return nil, err
	}
	r.pipeline.brokers, r.pipeline.topic, r.pipeline.group = b.broker.address(), topic, r.name
	return newTopicWriter(b.broker, topic)
}

// openArriver starts what stands in for the target: a small receiver for Loki, which
// tells the moment better than polling a real one, and a consumer for Kafka.
func (b *bench) openArriver(ctx context.Context, r *run, got *arrivals) (arriver, error) {
	if r.pipeline.pairing.to == inLoki {
		receiver, err := newReceiver(got)
		if err != nil {
			return nil, err
		}
		r.pipeline.loki = receiver.url()
		return receiver, nil
	}
	to, err := b.openTopic(ctx, r)
	if err != nil {
		return nil, err
	}
	return newReader(to, got)
}

// drip writes probes until the pipeline stands, then the trickle, and returns when all
// of it has arrived or will not any more.
func (b *bench) drip(ctx context.Context, a *agent, w writer, got *arrivals) error {
	err := a.until(ctx, agentStart, probeEvery, "the first arrival", func() (bool, error) {
		if got.begun() {
			return true, nil
		}
		return false, w.write(ctx, -1, 1)
	})
	if err != nil {
		return err
	}
	const some = int(trickleRate * trickleEvery / time.Second)
	next := 0
	err = a.until(ctx, 2*b.trickle+agentStart, trickleEvery, "the trickle", func() (bool, error) {
		count := min(some, got.want()-next)
		err := w.write(ctx, next, count)
		next += count
		return next == got.want(), err
	})
	if err != nil {
		return err
	}
	err = a.until(ctx, arriveWithin, look, "the last arrival", func() (bool, error) { return got.all(), nil })
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil // the verdict counts them
	}
	if err != nil {
		return fmt.Errorf("after the trickle: %w", err)
	}
	return nil
}
