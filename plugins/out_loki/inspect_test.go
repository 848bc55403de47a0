package outloki

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// inspectedAt is when the tests' records are, and are looked at.
var inspectedAt = time.Date(2026, 11, 28, 12, 0, 0, 5e6, time.UTC)

func newTestInspector(t testing.TB, settings ...string) *Inspector {
	t.Helper()
	c := NewConfig()
	if err := parse(c, append(settings, "url=http://loki:3100")...); err != nil {
		t.Fatal(err)
	}
	x, err := c.NewInspector()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// oneEvent returns the event of a record that is written as JSON.
func oneEvent(t testing.TB, at time.Time, metadata, body string) *chunk.Event {
	t.Helper()
	all := chunk.NewRecords(appendJSON(nil, at.UnixNano(), metadata, body))
	if !all.Next() || all.Err != nil {
		t.Fatal(all.Err)
	}
	return &all.Event
}

// toldOf writes the rows of an explanation, without those of every record.
func toldOf(e Explanation) (lines []string) {
	for _, r := range e.rows(300, 300) {
		if r.head == "record" || r.head == "time" || r.head == "line" && strings.HasPrefix(r.from, "json (") {
			continue
		}
		text := r.head + " " + r.text
		if r.from != "" {
			text += " from " + r.from
		}
		lines = append(lines, text)
	}
	return lines
}

// explains holds what is told of a record of the tag app.web.
func explains(t *testing.T, settings, want []string, metadata, body string) {
	t.Helper()
	e := newTestInspector(t, settings...).Explain("app.web", oneEvent(t, inspectedAt, metadata, body), inspectedAt)
	if got := toldOf(e); !slices.Equal(got, want) {
		t.Errorf("%q of %s\n got %s\nwant %s", settings, body, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestExplainLabels(t *testing.T) {
	f := func(body string, settings, want []string) {
		t.Helper()
		explains(t, settings, want, `{"kafka":{"topic":"iot"},"json":"{\"a\":7}"}`, body)
	}
	f(`{"deviceid":"garage"}`, []string{"label_keys=$deviceid"}, []string{`label deviceid="garage" from $deviceid (label_keys)`})
	f(`{"deviceid":"garage"}`, []string{"label_keys=deviceid", "labels=job=kafka"},
		[]string{`label deviceid="garage" from deviceid (label_keys)`, `label job="kafka" from "kafka" (labels)`})
	f(`{"a":{"b":1}}`, []string{"labels=$a['b'],tag=$TAG,part=$TAG[1],topic=@metadata['kafka']['topic'],both=$a['b']/$TAG[0]"}, []string{
		`label b="1" from $a['b'] (labels)`, `label both="1/app" from $a['b']/$TAG[0] (labels)`, `label part="web" from $TAG[1] (labels)`,
		`label tag="app.web" from $TAG (labels)`, `label topic="iot" from @metadata['kafka']['topic'] (labels)`,
	})
	f(`{"a":{"b":1}}`, []string{"label_keys=$a['b']", "label_names=full_path"}, []string{`label a_b="1" from $a['b'] (label_keys)`})
	// Into text.
	f(`{"log":"{\"deviceid\":\"x\",\"in\":{\"s\":1}}"}`, []string{"labels=$log['deviceid'],two=$log['in']['s']-$log['deviceid'],m=@metadata['json']['a']"}, []string{
		`label deviceid="x" from $log['deviceid'] (labels), in the JSON text of $log`,
		`label m="7" from @metadata['json']['a'] (labels), in the JSON text of @metadata['json']`,
		`label two="1-x" from $log['in']['s']-$log['deviceid'] (labels), in the JSON text of $log`,
	})
	// What the record has not.
	f(`{"a":1}`, []string{"label_keys=b"}, []string{`label job="fluent-bit" from "fluent-bit" (default_labels): no other label has a value`})
	f(`{"a":1}`, []string{"label_keys=job"}, []string{`label job="fluent-bit" from "fluent-bit" (default_labels): no other label has a value`})
	f(`{"a":1,"b":""}`, []string{"labels=$b", "default_labels=from=$TAG[0]"}, []string{`label from="app" from $TAG[0] (default_labels): no other label has a value`})
	f(`{"a":1,"b":null}`, []string{"labels=$b", "default_labels=from=$TAG[9]"}, []string{`label job="fluent-bit" from always there: no other label has a value, nor has default_labels`})
	f(`{"level":"WARNING"}`, []string{"label_keys=level", "normalize_level=on"}, []string{`label level="warn" from level (label_keys), there "WARNING" (normalize_level)`})
	f(`{"level":"warn"}`, []string{"label_keys=level", "normalize_level=on"}, []string{`label level="warn" from level (label_keys)`})
	f(`{"a":"x\"\\\n\u001b[31m\u202e"}`, []string{"label_keys=a"}, []string{`label a="x\"\\\n\x1b[31m\u202e" from a (label_keys)`})
}

func TestExplainLabelsOfMaps(t *testing.T) {
	f := func(body string, settings, want []string) {
		t.Helper()
		explains(t, settings, want, `{}`, body)
	}
	const kubernetes = "auto_kubernetes_labels=on"
	f(`{"kubernetes":{"labels":{"app.kubernetes.io/name":"shop","app":"a","app_":"b","app-":"c","it's":"d","none":null,"empty":""}}}`, []string{kubernetes, "labels=app=$absent"}, []string{
		`label app="a" from $kubernetes['labels']['app'] (auto_kubernetes_labels)`,
		`label app_="b" from $kubernetes['labels']['app_'] (auto_kubernetes_labels)`,
		`label app__2="c" from $kubernetes['labels']['app-'] (auto_kubernetes_labels)`,
		`label app_kubernetes_io_name="shop" from $kubernetes['labels']['app.kubernetes.io/name'] (auto_kubernetes_labels)`,
		`label it_s="d" from $kubernetes['labels']['it''s'] (auto_kubernetes_labels)`,
	})
	// The operator's own name wins where its path has a value.
	f(`{"app":"mine","kubernetes":{"labels":{"app":"pod's"}}}`, []string{kubernetes, "labels=$app"}, []string{`label app="mine" from $app (labels)`})
	f(`{"kubernetes":{"labels":{"app":"pod's"}}}`, []string{kubernetes, "labels=$app"}, []string{`label app="pod's" from $kubernetes['labels']['app'] (auto_kubernetes_labels)`})
	f(`{"kubernetes":{"labels":"none"}}`, []string{kubernetes}, []string{`label job="fluent-bit" from "fluent-bit" (default_labels): no other label has a value`})
	file := labelMapFile(t, `{"kubernetes":{"container_name":"container"},"stream":"stream"}`)
	f(`{"kubernetes":{"container_name":"c1"},"stream":"out"}`, []string{"label_map_path=" + file}, []string{
		`label container="c1" from $kubernetes['container_name'] (label_map_path)`, `label stream="out" from $stream (label_map_path)`,
	})
}

func TestExplainMetadata(t *testing.T) {
	const job = `label job="x" from "x" (labels)`
	f := func(body string, settings, want []string) {
		t.Helper()
		explains(t, append(settings, "labels=job=x"), want, `{"trace_id":"0af7"}`, body)
	}
	f(`{"pod":"p1","log":"{\"user\":\"ann\"}"}`, []string{"structured_metadata=$pod,user=$log['user'],fixed=text,none=$absent"}, []string{
		job, `metadata pod="p1" from $pod (structured_metadata)`,
		`metadata user="ann" from $log['user'] (structured_metadata), in the JSON text of $log`, `metadata fixed="text" from "text" (structured_metadata)`,
	})
	f(`{"pod":"mine","notes":{"a.b":"1","a_b":"2","pod":"theirs","n":null,"e":"","level":"ERR"},"more":{"a-b":[1]}}`,
		[]string{"structured_metadata=$pod", "structured_metadata_map_keys=notes,$more", "normalize_level=on"}, []string{
			job, `metadata pod="mine" from $pod (structured_metadata)`, `metadata a_b="1" from $notes['a.b'] (structured_metadata_map_keys)`,
			`metadata a_b_2="2" from $notes['a_b'] (structured_metadata_map_keys)`, `metadata level="error" from $notes['level'] (structured_metadata_map_keys)`,
			`metadata a_b_3="[1]" from $more['a-b'] (structured_metadata_map_keys)`,
		})
	// A name is the operator's only where it has a value.
	f(`{"notes":{"pod":"theirs"}}`, []string{"structured_metadata=$pod", "structured_metadata_map_keys=notes"}, []string{job, `metadata pod="theirs" from $notes['pod'] (structured_metadata_map_keys)`})
	f(`{"span":"b7","log":"{\"s\":\"c8\"}"}`, []string{"trace_id=$trace,@metadata['trace_id']", "span_id=$nothing,$log['s'],$span"}, []string{
		job, `metadata trace_id="0af7" from @metadata['trace_id'] (trace_id)`, `metadata span_id="c8" from $log['s'] (span_id), in the JSON text of $log`,
	})
}

func TestExplainTenantAndLine(t *testing.T) {
	const job = `label job="x" from "x" (labels)`
	f := func(body string, settings, want []string) {
		t.Helper()
		explains(t, append(settings, "labels=job=x"), append([]string{}, want...), `{}`, body)
	}
	f(`{"team":"blue"}`, []string{"tenant_id=all", "tenant_id_key=team"}, []string{"tenant blue from team (tenant_id_key)", job})
	f(`{"a":"blue"}`, []string{"tenant_id=all", "tenant_id_key=team"}, []string{`tenant all from "all" (tenant_id)`, job})
	f(`{"a":"blue"}`, []string{"tenant_id=t-$TAG[0]", "tenant_id_key=team"}, []string{`tenant t-app from t-$TAG[0] (tenant_id)`, job})
	f(`{"a":"blue"}`, []string{"tenant_id_key=team"}, []string{job})
	f(`{"team":"no tenant"}`, []string{"tenant_id_key=team"}, []string{"rejected bad_tenant: finding the tenant: Loki takes no tenant of that name"})

	f(`{"a":1,"b":"x y"}`, []string{"line_format=logfmt", "remove_keys=c"}, []string{job, `line a=1 b="x y" from logfmt, without remove_keys (line_format)`})
	f(`{"log":"a\tline"}`, []string{"line_format=raw", "line_key=log"}, []string{job, `line a\tline from log (line_key)`})
	f(`{"in":"{\"log\":\"x\"}"}`, []string{"line_format=raw", "line_key=$in['log']"}, []string{job, "line x from $in['log'] (line_key), in the JSON text of $in"})
	f(`{"msg":"x"}`, []string{"line_format=raw", "line_key=log"}, []string{job, `line {"msg":"x"} from json, because line_key log has no value`})
	f(`{"msg":"x"}`, []string{"line_format=template", "line_template=[$TAG] $msg"}, []string{job, `line [app.web] x from [$TAG] $msg (line_template)`})
	f(`{"msg":"x","job":1}`, []string{"drop_single_key=raw", "remove_keys=job"}, []string{job, `line x from the only value, without remove_keys (drop_single_key)`})
}

// What the limits do is told with the numbers, and by the option.
func TestExplainChanges(t *testing.T) {
	f := func(pairs string, age time.Duration, settings, want []string) {
		t.Helper()
		x := newTestInspector(t, settings...)
		e := x.Explain("tag", oneEvent(t, inspectedAt.Add(-age), `{}`, pairs), inspectedAt)
		var got []string
		for _, m := range e.Metadata {
			got = append(got, fmt.Sprintf("%s=%.20s from %s", m.Name, m.Value, m.From))
		}
		if got = append(got, e.Changes...); e.Rejected != "" {
			got = append(got, e.Rejected)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q of %.100s\n got %s\nwant %s", settings, pairs, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
	labels, long := "label_keys=a,b,longname", strings.Repeat("v", 5000)
	record := `{"a":"first","b":"second","longname":"x"}`
	f(record, 0, []string{labels}, nil)
	f(record, 0, []string{labels, "max_label_names=2"}, []string{"longname=x from longname (label_keys), by a limit of labels", "label longname moved to structured metadata: max_label_names 2"})
	f(record, 0, []string{labels, "max_label_name_length=7"}, []string{"longname=x from longname (label_keys), by a limit of labels", "label longname moved to structured metadata: max_label_name_length 7"})
	f(`{"a":"`+long+`"}`, 0, []string{labels}, []string{"a=vvvvvvvvvvvvvvvvvvvv from a (label_keys), by a limit of labels", "label a cut from 5000 to 2048 bytes: max_label_value_length 2048"})
	f(`{"longname":"x"}`, 0, []string{labels, "max_label_name_length=3", "default_labels=longname=y,job=z"}, []string{
		"longname=x from longname (label_keys), by a limit of labels", "longname=y from \"y\" (default_labels), by a limit of labels", "label longname moved to structured metadata: max_label_name_length 3",
	})
	f(`{"m":"`+long+`"}`, 0, []string{"max_line_size=1Ki"}, []string{"line cut from 5008 to 1024 bytes: max_line_size 1Ki"})
	f(`{"m":"`+long+`"}`, 0, []string{"max_line_size=1Ki", "line_too_long=reject"}, []string{"line_too_long: the line is longer than max_line_size"})
	f(`{}`, 8*24*time.Hour, nil, []string{
		"tidegate_time=2026-11-20T12:00:00. from the record's own time (time_out_of_bounds)", "time moved from 2026-11-20T12:00:00.005Z to 2026-11-21T12:00:30.005Z: max_age 168h0m0s",
	})
	f(`{}`, -time.Hour, nil, []string{
		"tidegate_time=2026-11-28T13:00:00. from the record's own time (time_out_of_bounds)", "time moved from 2026-11-28T13:00:00.005Z to 2026-11-28T12:09:30.005Z: max_ahead 10m0s",
	})
	f(`{}`, 8*24*time.Hour, []string{"time_out_of_bounds=leave"}, nil)
	meta := "structured_metadata_map_keys=m"
	f(`{"m":{"a":1,"b":2,"c":3}}`, 0, []string{meta, "max_structured_metadata_count=1"}, []string{
		"a=1 from $m['a'] (structured_metadata_map_keys)", "2 pairs of structured metadata left out: b, c: max_structured_metadata_count 1",
	})
	f(`{"m":{"a":1,"b":"`+long+`"}}`, 0, []string{meta, "max_structured_metadata_size=1Ki"}, []string{
		"a=1 from $m['a'] (structured_metadata_map_keys)", "1 pair of structured metadata left out: b: max_structured_metadata_size 1Ki",
	})
	f(`{"a":"x","b":"y","m":{"b":"z"}}`, 0, []string{"label_keys=a,b", meta, "max_label_names=1"}, []string{
		"b=y from b (label_keys), by a limit of labels", "label b moved to structured metadata: max_label_names 1", "structured metadata b left out: what a limit moved there has its name",
	})
}

// The records that are explained use up the budget of their labels' values.
func TestExplainCardinality(t *testing.T) {
	for _, action := range []string{toMetadata, toOverflow} {
		x := newTestInspector(t, "labels=job=x", "label_keys=user", "label_cardinality=2", "label_cardinality_action="+action)
		for i, user := range []string{"a", "b", "a", "c", "d", "b"} {
			e := x.Explain("tag", oneEvent(t, inspectedAt, `{}`, `{"user":"`+user+`"}`), inspectedAt)
			var want []string
			if user > "b" {
				want = []string{"label user has more than 2 values, now structured metadata: label_cardinality"}
				if action == toOverflow {
					want = []string{"label user has more than 2 values, now __overflow__: label_cardinality"}
				}
			}
			if !slices.Equal(e.Changes, want) || len(e.Metadata) != len(want) {
				t.Errorf("%s, record %d, %s: got %q and %v", action, i, user, e.Changes, e.Metadata)
			}
		}
	}
}
