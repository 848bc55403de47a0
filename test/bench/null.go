package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// metricsEvery is how often the agent is asked for its metrics, which it renews every
// second. The asking is in its CPU time.
const metricsEvery = 250 * time.Millisecond

// nullSink is the null output. The agent's own metrics say how much it got, a second or
// so late; the end of the run is where the agent stopped working.
type nullSink struct {
	url    string
	client http.Client
	broker *broker
	group  string
	topic  string // "" where nothing is read from Kafka
	want   int
	got    int
}

func (b *bench) openNull(r *run) (*nullSink, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	r.pipeline.httpPort = port
	return &nullSink{
		url:    fmt.Sprintf("http://127.0.0.1:%d/api/v1/metrics", port),
		client: http.Client{Timeout: 5 * time.Second},
		broker: b.broker, group: r.pipeline.group, topic: r.pipeline.topic, want: b.records,
	}, nil
}

func (s *nullSink) wait(ctx context.Context, a *agent, limit time.Duration) (time.Time, error) {
	err := a.until(ctx, limit, metricsEvery, "the records in null", func() (bool, error) {
		got, err := s.taken(ctx)
		if err != nil {
			return false, nil // not listening yet
		}
		s.got = got
		return got >= s.want, nil
	})
	return a.meter.lastWork(), err
}

// taken is how many records the output said OK to.
func (s *nullSink) taken(ctx context.Context) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return 0, err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var metrics struct {
		Output map[string]struct {
			Records int `json:"proc_records"`
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&metrics); err != nil {
		return 0, fmt.Errorf("reading the agent's metrics: %w", err)
	}
	total := 0
	for _, o := range metrics.Output {
		total += o.Records
	}
	return total, nil
}

func (s *nullSink) sent() int64 { return 0 }

// check has counts only, of the output and of the offsets that an input from Kafka committed.
func (s *nullSink) check(ctx context.Context) (verdict, error) {
	v := verdict{Missing: max(0, s.want-s.got), Doubled: max(0, s.got-s.want)}
	if s.topic == "" {
		return v, nil
	}
	committed, err := s.broker.committed(ctx, s.group, s.topic)
	if committed != s.want {
		v.Note = fmt.Sprintf("%d of %d committed", committed, s.want)
	}
	return v, err
}

func (s *nullSink) close() { s.client.CloseIdleConnections() }
