package main

import (
	"errors"
	"log/slog"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidegate/tidegate/common/plugin"
)

// settings start any of the plugins, with dead letters. Nobody listens there.
var settings = map[string]string{
	"brokers": "127.0.0.1:1", "topics": "t", "topic": "t", "group_id": "g", "url": "http://127.0.0.1:1", "api_key": "k",
	"on_error": "dead_letter", "dead_letter_topic": "dead", "dead_letter_brokers": "127.0.0.1:1",
}

// TestReadmesTellMetrics holds that the READMEs tell the metrics that there are: the
// names, their labels, and the values of labels that are known from the start.
// A name that an alert asks for must be one of them too.
func TestReadmesTellMetrics(t *testing.T) {
	for file, reg := range registry {
		t.Run(file, func(t *testing.T) {
			section := metricsSection(t, "../"+file+"/README.md")
			told := toldMetrics(section)
			counted := countedMetrics(t, reg)
			for _, name := range slices.Sorted(maps.Keys(counted)) {
				labels, is := told[name]
				if !is {
					t.Errorf("no word of %s", name)
				} else if !slices.Equal(labels, counted[name].labels) {
					t.Errorf("%s has the labels %q, not %q", name, counted[name].labels, labels)
				}
				for _, value := range counted[name].values {
					if !strings.Contains(section, "`"+value+"`") {
						t.Errorf("no word of `%s`, which labels %s", value, name)
					}
				}
			}
			for _, name := range slices.Sorted(maps.Keys(told)) {
				if _, is := counted[name]; !is {
					t.Errorf("there is no %s", name)
				}
			}
			for _, name := range anyMetric.FindAllString(section, -1) {
				if _, is := counted[histogramPart.ReplaceAllString(name, "_seconds")]; !is {
					t.Errorf("there is no %s", name)
				}
			}
		})
	}
}

var (
	tableRow      = regexp.MustCompile("(?m)^\\| `(tidegate_\\w+)` \\| (.*?) ?\\| .+ \\|$")
	quoted        = regexp.MustCompile("`(\\w+)`")
	anyMetric     = regexp.MustCompile(`\btidegate_(kafka_input|kafka_output|loki|logtide|process)_\w+`)
	histogramPart = regexp.MustCompile(`_seconds_(bucket|sum|count)$`)
)

// metricsSection is what a README says under the heading Metrics.
func metricsSection(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, section, is := strings.Cut(string(text), "\n## Metrics\n")
	if !is {
		t.Fatal("no section about metrics")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return section
}

// toldMetrics are the names in the section's table, with their labels.
func toldMetrics(section string) map[string][]string {
	told := map[string][]string{}
	for _, row := range tableRow.FindAllStringSubmatch(section, -1) {
		labels := []string{}
		for _, label := range quoted.FindAllStringSubmatch(row[2], -1) {
			labels = append(labels, label[1])
		}
		told[row[1]] = labels
	}
	return told
}

// counted is a family of metrics: its labels, and all the values that these
// have.
type counted struct{ labels, values []string }

// countedMetrics starts a plugin and returns what it counts, by name.
func countedMetrics(t *testing.T, reg registration) map[string]counted {
	t.Helper()
	registry := newDescribed()
	start(t, reg, registry)
	addRuntime(registry)
	all := map[string]counted{}
	for name, labels := range registry.labels {
		all[name] = counted{labels: labels}
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		one := all[f.GetName()]
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				one.values = append(one.values, l.GetValue())
			}
		}
		all[f.GetName()] = one
	}
	return all
}

// start makes an engine as the core does, until the end of the test.
func start(t *testing.T, reg registration, to prometheus.Registerer) {
	t.Helper()
	cfg := reg.config()
	get := func(name string) (string, bool) { v, is := settings[name]; return v, is }
	if err := errors.Join(cfg.Options().Parse(get), cfg.Validate()); err != nil {
		t.Fatal(err)
	}
	host := plugin.Host{
		Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: to, Deliveries: deliveries, Acks: deliveries.Join("test", "test"), Fail: func(err error) { t.Error(err) },
		Go: func(_ string, f func()) <-chan struct{} {
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				f()
			}()
			return ended
		},
	}
	var engine interface{ Close() }
	var err error
	switch cfg := cfg.(type) {
	case plugin.InputConfig:
		engine, err = cfg.NewInput(host)
	case plugin.OutputConfig:
		engine, err = cfg.NewOutput(host)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
}

// described is a registry that also knows the families without any series yet.
type described struct {
	*prometheus.Registry
	labels map[string][]string
}

func newDescribed() *described {
	return &described{prometheus.NewRegistry(), map[string][]string{}}
}

// A description tells what it holds only as a text.
var description = regexp.MustCompile(`fqName: "(\w+)".*variableLabels: \{([\w,]*)\}`)

// MustRegister is what promauto calls.
func (d *described) MustRegister(all ...prometheus.Collector) {
	d.Registry.MustRegister(all...)
	for _, c := range all {
		to := make(chan *prometheus.Desc, 1)
		c.Describe(to)
		parts := description.FindStringSubmatch((<-to).String())
		d.labels[parts[1]] = strings.FieldsFunc(parts[2], func(r rune) bool { return r == ',' })
	}
}
