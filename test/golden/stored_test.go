package golden_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// storedCase is a real input, with options that the built-in loki output and ours have in
// common.
type storedCase struct {
	scenario scenario
	options  map[string]string
	// differs are texts of the built-in output, each before what ours stores in its place.
	differs []string
}

func storedCases() []storedCase {
	// The built-in output writes a number of a label with six digits behind the point.
	float := []string{`a="1.500000"`, `a="1.5"`}
	return []storedCase{
		{tail(), map[string]string{"labels": "offset=$offset", "remove_keys": "file"}, []string{
			`{"log":"second: gr\u00fc\u00dfe"}`, `{"log":"second: grüße"}`, // it escapes what is not ASCII
			"\uE0FF not UTF-8", "\uFFFD not UTF-8", // and has private characters for bytes that are not UTF-8
		}},
		{kubernetes(), map[string]string{
			"labels":              "pod=$kubernetes['pod_name'],app=$kubernetes['labels']['app'],level=$level",
			"structured_metadata": "container=$kubernetes['container_name'],part=$kubernetes['labels']['app.kubernetes.io/part-of']",
		}, nil},
		{systemd(), map[string]string{"labels": "unit=$_SYSTEMD_UNIT,priority=$PRIORITY", "structured_metadata": "pid=$_PID"}, nil},
		{kafkaInput(), map[string]string{"labels": "level=$level"}, nil},
		{otlpJSON(), map[string]string{"labels": "a=$a"}, float},
		{otlpProtobuf(), map[string]string{"labels": "a=$a"}, float},
	}
}

// What the built-in output stores of a real input, ours stores too: labels, line, structured
// metadata and time, but for differences that are written out.
func TestStoredAsByTheBuiltIn(t *testing.T) {
	l := harness.StartLoki(t, harness.LokiOptions{Limits: map[string]any{"reject_old_samples": false}})
	hosts, err := harness.Hosts()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range hosts {
		for _, c := range storedCases() {
			t.Run(host.Short()+"/"+c.scenario.name, func(t *testing.T) {
				if !host.FluentBit {
					t.Skip("only Fluent Bit has the output to compare with")
				}
				job := strings.ReplaceAll(strings.TrimPrefix(t.Name(), "Test"), "/", "-")
				pipeline, feed := c.scenario.prepare(t, t.TempDir())
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline + bothOutputs(l, job, c.options)})
				if feed != nil {
					feed(t, h)
				}
				var theirs, mine []string
				harness.Eventually(t, time.Minute, "records of both outputs", func() (err error) {
					if theirs, err = storedBy(l, job, "builtin"); err != nil {
						return err
					}
					if mine, err = storedBy(l, job, "tidegate"); err == nil && min(len(theirs), len(mine)) < c.scenario.events {
						err = fmt.Errorf("%d and %d of %d", len(theirs), len(mine), c.scenario.events)
					}
					return err
				})
				h.Stop(t)
				differs := strings.NewReplacer(c.differs...)
				for i := range theirs {
					theirs[i] = differs.Replace(theirs[i])
				}
				slices.Sort(theirs)
				if !slices.Equal(theirs, mine) {
					t.Errorf("the built-in output:\n%s\nours:\n%s", strings.Join(theirs, "\n"), strings.Join(mine, "\n"))
				}
			})
		}
	}
}

// bothOutputs are the sections of both, which differ where the page of ours says so: keys of
// labels leave the line, and no time is moved.
func bothOutputs(l *harness.Loki, job string, options map[string]string) string {
	address, port, _ := strings.Cut(l.Address(), ":")
	var b strings.Builder
	for from, own := range map[string]string{
		"builtin":  fmt.Sprintf("Name loki\n    host %s\n    port %s\n    workers 1", address, port),
		"tidegate": "Name tidegate_loki\n    url " + l.URL + "\n    remove_label_keys on\n    max_age 0",
	} {
		fmt.Fprintf(&b, "[OUTPUT]\n    %s\n    Match *\n", own)
		for _, name := range slices.Sorted(maps.Keys(options)) {
			value := options[name]
			if name == "labels" {
				value = fmt.Sprintf("job=%s,from=%s,%s", job, from, value)
			}
			fmt.Fprintf(&b, "    %s %s\n", name, value)
		}
	}
	return b.String()
}

// storedBy reads what an output stored: of today, and of the day that the inputs tell. Loki
// answers for a month at most, and finds what is old once its chunk has left the memory.
func storedBy(l *harness.Loki, job, from string) (list []string, err error) {
	flushed, err := http.Post(l.URL+"/flush", "", nil)
	if err != nil {
		return nil, err
	}
	_ = flushed.Body.Close()
	for _, day := range []time.Time{time.Unix(1767323045, 0), time.Now()} {
		found, err := l.Lines(fmt.Sprintf("{job=%q, from=%q}", job, from), day.Add(-12*time.Hour), day.Add(12*time.Hour))
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			delete(e.Labels, "from")
			list = append(list, fmt.Sprint(time.Unix(0, e.Time).UTC().Format(time.RFC3339Nano), " ", harness.LabelSet(e.Labels), " ", e.Line, " ", harness.LabelSet(e.Metadata)))
		}
	}
	slices.Sort(list)
	return list, nil
}
