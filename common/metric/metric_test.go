package metric_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/tidegate/tidegate/common/metric"
)

// sink notes what it is given, by name and label values.
type sink struct {
	defined []metric.Family
	refuse  string
	values  map[string]string
}

type series struct {
	to   *sink
	name string
}

func (s *sink) Define(f metric.Family) (metric.Series, error) {
	s.defined = append(s.defined, f)
	if f.Name == s.refuse {
		return nil, errors.New("refused")
	}
	return series{s, f.Name}, nil
}

func (s series) Set(values []string, v float64) {
	s.to.values[s.name+"{"+strings.Join(values, ",")+"}"] = fmt.Sprint(v)
}

func (s series) SetHistogram(values []string, counts []uint64, sum float64) {
	s.to.values[s.name+"{"+strings.Join(values, ",")+"}"] = fmt.Sprint(counts, sum)
}

func TestPublish(t *testing.T) {
	reg := prometheus.NewRegistry()
	make := promauto.With(reg)
	sent := make.NewCounter(prometheus.CounterOpts{Name: "sent_total", Help: "h"})
	rejected := metric.ByLabel(reg, "rejected_total", "h", "reason", []string{"", "too_old", "too_new"})
	lag := make.NewGaugeVec(prometheus.GaugeOpts{Name: "lag", Help: "h"}, []string{"topic", "partition"})
	lag.WithLabelValues("", "")
	took := make.NewHistogram(prometheus.HistogramOpts{Name: "took_seconds", Help: "h", Buckets: []float64{1, 5}})

	to := &sink{values: map[string]string{}}
	p := metric.NewPublisher(reg, to)
	check := func(want map[string]string) {
		t.Helper()
		if err := p.Publish(); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(to.values, want) {
			t.Errorf("got %v\nwant %v", to.values, want)
		}
	}
	check(map[string]string{"sent_total{}": "0", "rejected_total{too_old}": "0", "rejected_total{too_new}": "0", "took_seconds{}": "[0 0 0] 0"})

	sent.Add(3)
	rejected[2].Inc()
	lag.WithLabelValues("orders", "4").Set(-1)
	for _, v := range []float64{0.5, 5, 60} {
		took.Observe(v)
	}
	check(map[string]string{
		"sent_total{}": "3", "rejected_total{too_old}": "0", "rejected_total{too_new}": "1",
		"lag{4,orders}": "-1", "took_seconds{}": "[1 2 3] 65.5",
	})
	if len(to.defined) != 4 {
		t.Errorf("%d families were defined", len(to.defined))
	}
	for _, f := range to.defined {
		if f.Name == "lag" && !slices.Equal(f.Labels, []string{"partition", "topic"}) {
			t.Errorf("labels %v", f.Labels)
		}
		if f.Name == "took_seconds" && !slices.Equal(f.Bounds, []float64{1, 5}) {
			t.Errorf("bounds %v", f.Bounds)
		}
	}
	if metric.Sum(sent) != 3 {
		t.Errorf("sum %d", metric.Sum(sent))
	}
}

// TestRefused holds that a family that the agent refuses is told once, and
// that the others are published.
func TestRefused(t *testing.T) {
	reg := prometheus.NewRegistry()
	for _, name := range []string{"a", "b"} {
		promauto.With(reg).NewCounter(prometheus.CounterOpts{Name: name, Help: "h"}).Inc()
	}
	to := &sink{refuse: "a", values: map[string]string{}}
	p := metric.NewPublisher(reg, to)
	if err := p.Publish(); err == nil || !strings.Contains(err.Error(), "defining metric a: refused") {
		t.Errorf("got %v", err)
	}
	if err := p.Publish(); err != nil {
		t.Errorf("told again: %v", err)
	}
	if to.values["b{}"] != "1" {
		t.Errorf("got %v", to.values)
	}
}
