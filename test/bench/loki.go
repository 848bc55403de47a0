package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

const (
	// lokiEvery is how often Loki is asked for its metrics, which takes it milliseconds.
	lokiEvery = 250 * time.Millisecond
	// lokiQuery bounds a query over all that a run stored.
	lokiQuery = time.Minute
)

// lokiSink is a real Loki, made for one run, behind a relay. Its limits do not bind: they
// would slow down whoever is faster.
type lokiSink struct {
	server *harness.Loki
	relay  *relay
	path   string // of the number in a line
	want   int
}

func (b *bench) openLoki(r *run) (*lokiSink, error) {
	relay, err := newRelay()
	if err != nil {
		return nil, err
	}
	server, err := harness.NewLoki(harness.LokiOptions{Limits: map[string]any{
		"ingestion_rate_mb": 1000, "ingestion_burst_size_mb": 1000,
		"per_stream_rate_limit": "1000MB", "per_stream_rate_limit_burst": "1000MB",
		// Work on each line, and more of it where each line comes as a stream. The label
		// that service names give would also lift the largest pushes of the built-in
		// output over the 4 MiB that the ingester takes.
		"discover_log_levels": false, "discover_service_name": []string{},
	}})
	if err != nil {
		relay.close()
		return nil, fmt.Errorf("starting loki: %w", err)
	}
	target, err := url.Parse(server.URL)
	if err != nil {
		return nil, err
	}
	relay.to(target.Host)
	r.pipeline.loki = &url.URL{Scheme: "http", Host: relay.address()}
	return &lokiSink{server: server, relay: relay, path: r.pipeline.linePath("n"), want: b.records}, nil
}

// wait: the end is Loki's last answer. Lines that were received may have been refused,
// so that what is stored is asked for as well before the run is called done.
func (s *lokiSink) wait(ctx context.Context, a *agent, limit time.Duration) (at time.Time, err error) {
	err = a.until(ctx, limit, lokiEvery, "the lines in Loki", func() (bool, error) {
		at = time.Unix(0, s.relay.lastReply.Load())
		received, err := s.server.Received()
		if err != nil || received < s.want {
			return false, err
		}
		stored, err := s.number(ctx, `sum(count_over_time({job="bench"}[%s]))`)
		return int(stored) >= s.want, err
	})
	return at, err
}

func (s *lokiSink) sent() int64 { return s.relay.toServer.Load() }

// check counts what is stored and adds up the numbers of the records.
func (s *lokiSink) check(ctx context.Context) (verdict, error) {
	count, err := s.number(ctx, `sum(count_over_time({job="bench"}[%s]))`)
	if err != nil {
		return verdict{}, err
	}
	sum, err := s.number(ctx, `sum(sum_over_time({job="bench"} | json n="`+s.path+`" | unwrap n [%s]))`)
	if err != nil {
		return verdict{}, err
	}
	v := verdictOf(s.want, int(count), sum)
	received, err := s.server.Received()
	if received > int(count) {
		v.Note = strings.TrimPrefix(v.Note+fmt.Sprintf("; %d sent", received), "; ")
	}
	return v, err
}

// number asks for one number about the last hours; no answer at all is 0.
func (s *lokiSink) number(ctx context.Context, query string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, lokiQuery)
	defer cancel()
	values := url.Values{"query": {fmt.Sprintf(query, "3h")}, "time": {strconv.FormatInt(time.Now().Add(time.Minute).UnixNano(), 10)}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+"/loki/api/v1/query?"+values.Encode(), nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("asking Loki for %s: %s: %s", query, answer.Status, body)
	}
	var result struct {
		Data struct {
			Result []struct{ Value [2]any } // time, number as text
		}
	}
	if err := json.Unmarshal(body, &result); err != nil || len(result.Data.Result) == 0 {
		return 0, err
	}
	text, _ := result.Data.Result[0].Value[1].(string)
	return strconv.ParseFloat(text, 64)
}

func (s *lokiSink) close() {
	s.server.Close()
	s.relay.close()
}
