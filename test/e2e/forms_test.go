package e2e_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// What stands in Kafka beside plain JSON objects: each form has its line in Loki.
func TestFormsOfMessages(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	forms := map[string]struct {
		format string
		text   string // as kcat reads it
		kcat   []string
		want   []string // lines, as JSON
	}{
		"key and headers": {
			text: "the-key\t{\"n\":1}\n",
			kcat: []string{"-K", "\t", "-H", "trace=abc", "-H", "trace=def", "-H", "empty="},
			want: []string{`{"n":1}`},
		},
		"not JSON": {
			text: "plain text\n{\"n\":\n{\"n\":1} and more\n",
			want: []string{`{"message":"plain text"}`, `{"message":"{\"n\":"}`, `{"message":"{\"n\":1} and more"}`},
		},
		"JSON, but no object": {
			text: "[1,\"two\",null]\n\"three\"\n4.5\ntrue\n",
			want: []string{`{"message":[1,"two",null]}`, `{"message":"three"}`, `{"message":4.5}`, `{"message":true}`},
		},
		"raw": {
			format: "format raw",
			text:   "{\"n\":1}\nplain\n",
			want:   []string{`{"message":"{\"n\":1}"}`, `{"message":"plain"}`},
		},
		"beyond ASCII": {
			text: "{\"s\":\"käse \\u00e9 \\ud83e\\uddc0 \\\\ \\\" \\n\"}\n",
			want: []string{`{"s":"käse é 🧀 \\ \" \n"}`},
		},
		"nested": {
			text: "{\"a\":{\"b\":[{\"c\":[]},{}],\"d\":-1.5e3},\"big\":9007199254740993}\n",
			want: []string{`{"a":{"b":[{"c":[]},{}],"d":-1.5e3},"big":9007199254740993}`},
		},
	}
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		for name, form := range forms {
			t.Run(name, func(t *testing.T) {
				job := uniqueName(t)
				k.CreateTopic(t, job, 1)
				arrived := arrivalOf(t, l, job)
				p := pipeline{
					brokers: k.Brokers(), topics: job, group: job,
					loki: l.URL, labels: "job=" + job + ",level=$level",
				}
				if form.format != "" {
					p.input = []string{form.format}
				}
				h := harness.StartHost(t, host, harness.HostConfig{Pipeline: p.String()})
				client.Produce(t, job, form.text, form.kcat...)
				arrived.host = h
				arrived.wait(t, len(form.want), time.Minute)
				stop(t, h)
				sameLines(t, arrived.lines(t), form.want)
				checkCommitted(t, k, job, job)
			})
		}
	})
}

// A tombstone has no line, stops nothing, and is passed by the committed offset.
func TestTombstones(t *testing.T) {
	k, l := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		job := uniqueName(t)
		k.CreateTopic(t, job, 1)
		arrived := arrivalOf(t, l, job)
		client.Produce(t, job, "k\t\n", "-K", "\t", "-Z")
		client.Produce(t, job, "k\t{\"n\":1}\n", "-K", "\t")
		client.Produce(t, job, "k\t\nk2\t\n", "-K", "\t", "-Z")
		if end := k.EndOffsets(t, job)[0]; end != 4 {
			t.Fatalf("kcat wrote %d messages", end)
		}
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job, loki: l.URL, labels: "job=" + job,
		}.String()})
		arrived.host = h
		arrived.wait(t, 1, time.Minute)
		sameLines(t, arrived.lines(t), []string{`{"n":1}`})
		h.WaitLog(t, "tombstones skipped", time.Minute)
		stop(t, h)
		checkCommitted(t, k, job, job)
	})
}

// Key, headers and origin of a message travel in the metadata of the event.
func TestEventMetadata(t *testing.T) {
	k, _ := servers(t)
	client := harness.NeedKcat(t, k)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("needs Fluent Bit: its stdout output prints the metadata of events")
		}
		job := uniqueName(t)
		k.CreateTopic(t, job, 1)
		client.Produce(t, job, "the-key\t{\"n\":1}\n", "-K", "\t", "-H", "trace=abc", "-H", "trace=def")
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline{
			brokers: k.Brokers(), topics: job, group: job,
			loki: "http://127.0.0.1:9", labels: "job=x",
		}.String() + "[OUTPUT]\n    Name stdout\n    Match kafka." + job + "\n"})
		line := h.WaitLog(t, `"n"=>1`, time.Minute)
		for _, want := range []string{
			`"topic"=>"` + job + `"`, `"partition"=>0`, `"offset"=>0`, `"key"=>"the-key"`,
			`["trace", "abc"]`, `["trace", "def"]`, "kafka." + job,
		} {
			if !lineWith(line, []string{want}) {
				t.Errorf("no %s in %s", want, line)
			}
		}
	})
}

// sameLines compares without regard to order: what came in one millisecond has none.
func sameLines(t *testing.T, entries []harness.Entry, want []string) {
	t.Helper()
	var got []string
	for _, e := range entries {
		got = append(got, canonical(t, e.Line))
	}
	wanted := make([]string, len(want))
	for i, line := range want {
		wanted[i] = canonical(t, line)
	}
	slices.Sort(got)
	slices.Sort(wanted)
	if !slices.Equal(got, wanted) {
		t.Errorf("lines\n%q\nwant\n%q", got, wanted)
	}
}
