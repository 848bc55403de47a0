package main

import (
	"context"
	"net"
	"time"
)

// sink is where the records of a run go.
type sink interface {
	// wait returns the moment in which the last of the records was stored, once that has
	// come. Only its error says that it did not.
	wait(ctx context.Context, a *agent, limit time.Duration) (time.Time, error)
	// sent is how many bytes the agent has sent there.
	sent() int64
	// check says what is stored. The agent has ended.
	check(ctx context.Context) (verdict, error)
	close()
}

// openSink starts what a run needs and says in the pipeline where it is.
func (b *bench) openSink(ctx context.Context, r *run) (sink, error) {
	switch r.pipeline.pairing.to {
	case nowhere:
		return b.openNull(r)
	case inLoki:
		return b.openLoki(r)
	}
	return b.openTopic(ctx, r)
}

// openTopic makes a fresh topic to write to.
func (b *bench) openTopic(ctx context.Context, r *run) (*topicSink, error) {
	if err := b.broker.create(ctx, r.name); err != nil {
		return nil, err
	}
	r.pipeline.outBrokers, r.pipeline.outTopic = b.broker.address(), r.name
	return &topicSink{broker: b.broker, topic: r.name, want: b.records}, nil
}

// topicSink is a topic: its ends say how much is in it, and reading it back the rest.
type topicSink struct {
	broker *broker
	topic  string
	want   int
}

func (s *topicSink) wait(ctx context.Context, a *agent, limit time.Duration) (at time.Time, err error) {
	err = a.until(ctx, limit, look, "the messages in Kafka", func() (bool, error) {
		at = time.Now()
		got, err := s.broker.count(ctx, s.topic)
		return err == nil && got >= s.want, nil // asked again: the limit ends it
	})
	return at, err
}

func (s *topicSink) sent() int64 { return s.broker.relay.toServer.Load() }

func (s *topicSink) check(ctx context.Context) (verdict, error) {
	return s.broker.readBack(ctx, s.topic, s.want)
}

func (s *topicSink) close() {} // the topic goes with the broker

// freePort is a loopback port on which nothing listens.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
