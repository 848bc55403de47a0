// Package metric carries what an instance counts to the agent that it runs in.
//
// Engines count with the types of Prometheus' client library, registered with
// their instance's registry. Publish copies the present values of a registry
// into a Sink: the agent's own metrics, which it serves and ships like those of
// its built-in plugins. Counting costs an atomic addition; nothing else happens
// on the way of a record.
package metric

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Kind is a family's type.
type Kind uint8

// The kinds that agents know.
const (
	Counter Kind = iota
	Gauge
	Histogram
)

// Family describes a metric: one name, and a series for each set of values of
// its labels.
type Family struct {
	Kind       Kind
	Name, Help string
	Labels     []string
	// Bounds are a histogram's upper bounds, without +Inf.
	Bounds []float64
}

// Sink is where metrics are published.
type Sink interface {
	// Define makes a family. It is called once for each name.
	Define(Family) (Series, error)
}

// Series sets the values of one family's series. values are those of the
// family's labels, in their order; neither slice is kept.
type Series interface {
	Set(values []string, v float64)
	// SetHistogram takes cumulative counts, one for each bound and one for
	// +Inf.
	SetHistogram(values []string, counts []uint64, sum float64)
}

// Publisher copies a registry's values to a sink. It is for one goroutine.
//
// A series whose labels are all empty is not published: it has its family
// defined at the start, where the values of the labels come later.
type Publisher struct {
	from     prometheus.Gatherer
	to       Sink
	families map[string]Series

	values []string
	counts []uint64
}

// NewPublisher returns a publisher that has not published yet.
func NewPublisher(from prometheus.Gatherer, to Sink) *Publisher {
	return &Publisher{from: from, to: to, families: map[string]Series{}}
}

// Publish sets every series of the sink to its value. Errors are about single
// families; the others were published.
func (p *Publisher) Publish() error {
	families, err := p.from.Gather()
	for _, f := range families {
		if defineErr := p.publish(f); defineErr != nil && err == nil {
			err = defineErr
		}
	}
	return err
}

func (p *Publisher) publish(f *dto.MetricFamily) error {
	if len(f.GetMetric()) == 0 {
		return nil
	}
	series, known := p.families[f.GetName()]
	if !known {
		var err error
		if series, err = p.define(f); err != nil {
			err = fmt.Errorf("defining metric %s: %w", f.GetName(), err)
		}
		p.families[f.GetName()] = series // nil after an error: it is told once
		if err != nil {
			return err
		}
	}
	if series == nil {
		return nil
	}
	for _, m := range f.GetMetric() {
		p.set(series, m)
	}
	return nil
}

func (p *Publisher) define(f *dto.MetricFamily) (Series, error) {
	first := f.GetMetric()[0]
	d := Family{Name: f.GetName(), Help: f.GetHelp()}
	switch f.GetType() {
	case dto.MetricType_COUNTER:
		d.Kind = Counter
	case dto.MetricType_GAUGE:
		d.Kind = Gauge
	case dto.MetricType_HISTOGRAM:
		d.Kind = Histogram
		for _, b := range first.GetHistogram().GetBucket() {
			d.Bounds = append(d.Bounds, b.GetUpperBound())
		}
	default:
		return nil, fmt.Errorf("agents have no metrics of type %s", f.GetType())
	}
	// The registry sees to it that all series of a family have the same
	// labels, and sorts them.
	for _, l := range first.GetLabel() {
		d.Labels = append(d.Labels, l.GetName())
	}
	return p.to.Define(d)
}

func (p *Publisher) set(series Series, m *dto.Metric) {
	p.values = p.values[:0]
	declares := len(m.GetLabel()) > 0
	for _, l := range m.GetLabel() {
		p.values = append(p.values, l.GetValue())
		declares = declares && l.GetValue() == ""
	}
	if declares {
		return
	}
	switch {
	case m.GetCounter() != nil:
		series.Set(p.values, m.GetCounter().GetValue())
	case m.GetGauge() != nil:
		series.Set(p.values, m.GetGauge().GetValue())
	case m.GetHistogram() != nil:
		h := m.GetHistogram()
		p.counts = p.counts[:0]
		for _, b := range h.GetBucket() {
			p.counts = append(p.counts, b.GetCumulativeCount())
		}
		p.counts = append(p.counts, h.GetSampleCount())
		series.SetHistogram(p.values, p.counts, h.GetSampleSum())
	}
}
