package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/test/harness"
)

// lokiRecords are what a Kubernetes filter, a parser and an application leave.
var lokiRecords = []string{
	`{"log":"hello, world","level":"info","n":12,"ok":true,"none":null,"empty":"","kubernetes":{"pod_name":"p-1","namespace_name":"prod","labels":{"app":"shop","app.kubernetes.io/name":"s","pod-template-hash":"5d"}}}`,
	`{"log":"say \"hi\" \\ \t there\n","level":"WARN","list":[1,"x",{"y":false}],"kubernetes":{"pod_name":"p-2","namespace_name":"dev","labels":{"app":"cart"}}}`,
	`{"log":"only a line"}`,
	`{"log":"{\"a\":1,\"b\":[2]}","n":-5,"kubernetes":{"pod_name":"p-1"}}`,
}

// lokiCases are options that the built-in output and ours have in common, and what ours
// needs beside them to do the same.
var lokiCases = []struct{ name, both, ours string }{
	{"static", "", ""},
	{"labels", "labels=app=$kubernetes['labels']['app'],tag=$TAG,part=$TAG[1],none=$absent,lv=$level", "remove_label_keys=on"},
	{"keys", "label_keys=$level,$n,$absent,$kubernetes['pod_name']", "remove_label_keys=on label_names=full_path"},
	{"map", "label_map_path=LABEL_MAP", "remove_label_keys=on"},
	{"kubernetes", "auto_kubernetes_labels=on", ""},
	{"metadata", "structured_metadata=pod=$kubernetes['pod_name'],fixed=x,$level", "remove_label_keys=on"},
	{"metadata_maps", "structured_metadata_map_keys=$kubernetes['labels']", "remove_label_keys=on"},
	{"remove", "remove_keys=n,$kubernetes['labels'],list", ""},
	{"remove_labels", "labels=lv=$level remove_keys=n", "remove_label_keys=on"},
	{"single", "remove_keys=kubernetes,level,n,ok,none,empty,list drop_single_key=on", ""},
	{"single_raw", "remove_keys=kubernetes,level,n,ok,none,empty,list drop_single_key=raw", ""},
	{"single_kv", "remove_keys=kubernetes,level,n,ok,none,empty,list drop_single_key=on line_format=key_value", ""},
	{"kv", "remove_keys=kubernetes,list,log,empty,level line_format=key_value", ""},
}

// lokiOutputs are the sections of both outputs for a case.
func lokiOutputs(l *harness.Loki, job, name, both, ours, labelMap string) string {
	address, port, _ := strings.Cut(l.Address(), ":")
	var b strings.Builder
	for _, from := range []string{"builtin", "tidegate"} {
		settings := both
		b.WriteString("[OUTPUT]\n    Match kube.*\n")
		if from == "builtin" {
			// Its instances share the remove_keys of one of them where they run on one thread.
			fmt.Fprintf(&b, "    Name loki\n    host %s\n    port %s\n    workers 1\n", address, port)
		} else {
			fmt.Fprintf(&b, "    Name tidegate_loki\n    url %s\n", l.URL)
			settings += " " + ours
		}
		labels := fmt.Sprintf("job=%s,from=%s,case=%s", job, from, name)
		for _, s := range strings.Fields(settings) {
			option, value, _ := strings.Cut(s, "=")
			if option == "labels" {
				labels += "," + value
			} else {
				fmt.Fprintf(&b, "    %s %s\n", option, strings.ReplaceAll(value, "LABEL_MAP", labelMap))
			}
		}
		fmt.Fprintf(&b, "    labels %s\n", labels)
	}
	return b.String()
}

// What the built-in output stores for a record, ours stores too, in the same words.
func TestLokiAsTheBuiltIn(t *testing.T) {
	_, l := servers(t)
	eachHost(t, func(t *testing.T, host harness.HostBinary) {
		if !host.FluentBit {
			t.Skip("only Fluent Bit has the output to compare with")
		}
		job := uniqueName(t)
		labelMap := filepath.Join(t.TempDir(), "labels.json")
		if err := os.WriteFile(labelMap, []byte(`{"level":"lv","kubernetes":{"namespace_name":"ns","labels":{"app":"app"}},"absent":"x"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		var pipeline strings.Builder
		for i, record := range lokiRecords {
			fmt.Fprintf(&pipeline, "[INPUT]\n    Name dummy\n    Tag kube.r%d\n    Samples 1\n    Dummy %s\n", i, record)
		}
		for _, c := range lokiCases {
			pipeline.WriteString(lokiOutputs(l, job, c.name, c.both, c.ours, labelMap))
		}
		from := time.Now().Add(-time.Minute)
		h := harness.StartHost(t, host, harness.HostConfig{Pipeline: pipeline.String()})
		var stored []harness.Entry
		harness.Eventually(t, time.Minute, "records of both outputs", func() (err error) {
			if stored, err = l.Lines(fmt.Sprintf("{job=%q}", job), from, time.Now().Add(time.Minute)); err != nil {
				return err
			}
			if want := 2 * len(lokiCases) * len(lokiRecords); len(stored) != want {
				return fmt.Errorf("%d of %d entries", len(stored), want)
			}
			return nil
		})
		stop(t, h)
		for _, c := range lokiCases {
			t.Run(c.name, func(t *testing.T) {
				theirs, ours := entriesOf(stored, c.name, "builtin"), entriesOf(stored, c.name, "tidegate")
				if !slices.Equal(theirs, ours) {
					t.Errorf("the built-in output:\n%s\nours:\n%s", strings.Join(theirs, "\n"), strings.Join(ours, "\n"))
				}
			})
		}
	})
}

// entriesOf writes what an output stored in a case.
func entriesOf(stored []harness.Entry, name, from string) (list []string) {
	for _, e := range stored {
		if e.Labels["case"] != name || e.Labels["from"] != from {
			continue
		}
		labels := maps.Clone(e.Labels)
		delete(labels, "from")
		list = append(list, fmt.Sprint(harness.LabelSet(labels), " ", e.Line, " ", harness.LabelSet(e.Metadata)))
	}
	slices.Sort(list)
	return list
}
