package outloki

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/options"
)

func TestDefaults(t *testing.T) {
	c := NewConfig()
	if err := parse(c, "url=http://loki:3100"); err != nil {
		t.Fatal(err)
	}
	const want = "url=http://loki:3100/loki/api/v1/push label_names=last_key auto_kubernetes_labels=off default_labels=job=fluent-bit " +
		"normalize_level=off line_format=json remove_label_keys=off drop_single_key=off batch_size=1Mi timeout=10s parallel=4 compress=snappy give_up_after=0s " +
		"max_label_names=15 max_label_name_length=1024 max_label_value_length=2048 " +
		"label_cardinality=1000 label_cardinality_window=1h0m0s label_cardinality_action=structured_metadata " +
		"max_line_size=256Ki line_too_long=truncate max_structured_metadata_size=64Ki max_structured_metadata_count=128 " +
		"max_age=168h0m0s max_ahead=10m0s time_out_of_bounds=clamp out_of_order_window=1h0m0s max_stream_rate=3Mi max_stream_burst=15Mi " +
		"inspect=off tls_insecure_skip_verify=off dead_letter_max_size=10Mi dead_letter_max_files=10"
	if got := c.Options().Effective(); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestEveryExampleParses(t *testing.T) {
	for _, o := range NewConfig().Options() {
		if options.Reserved(o.Name) {
			t.Errorf("%s is the host's", o.Name)
		}
		if strings.HasPrefix(o.Name, "rdkafka.") {
			continue // librdkafka's own, which need no words of ours
		}
		if o.Name == "label_map_path" {
			o.Example = labelMapFile(t, `{"kubernetes":{"labels":{"app":"app"}}}`)
		}
		if o.Help == "" || o.Example == "" {
			t.Errorf("%s: help %q, example %q", o.Name, o.Help, o.Example)
		}
		// On its own: some options exclude each other, or need one another.
		if err := o.Value.Set(o.Example); err != nil {
			t.Errorf("%s %s: %v", o.Name, o.Example, err)
		}
	}
}

func TestWrongOptionsAreNamed(t *testing.T) {
	f := func(want string, settings ...string) {
		t.Helper()
		if !strings.HasPrefix(settings[0], "url=") {
			settings = append(settings, "url=http://loki:3100")
		}
		err := parse(NewConfig(), settings...)
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", settings, err, want)
		}
	}
	f(`url is required: URL, such as "http://loki:3100"`, "url=")
	f("header must not have X-Scope-Orgid: set tenant_id or tenant_id_key", "header=X-Scope-OrgID=a")
	f("url must start with http:// or https://, such as http://loki:3100", "url=loki:3100")
	f("url must start with http:// or https://, such as http://loki:3100", "url=htp://me:hunter2@loki:3100")
	f("url cannot be read as a URL: must be such as http://loki:3100; special characters in a password must be percent-encoded", "url=http://me:hun%ter2@loki:3100")
	f(`url "http://me:xxxxx@loki/push?a=b" must end with its path: no ? and no #`, "url=http://me:hunter2@loki/push?a=b")
	f(`url "http://:3100" must name a host, such as http://loki:3100`, "url=http://:3100")
	f(`tenant_id "a b" must have only letters, digits and ! - _ . * ' ( ), and has ' '`, "tenant_id=a b")
	f(`tenant_id ".." must have at most 150 characters and be neither . nor .. itself`, "tenant_id=..")
	f(`labels "a" has element "a", which must be name=value, name=$path or $path`, "labels=a")
	f(`labels "a=1,,b=2" has element "", which must be name=value, name=$path or $path`, "labels=a=1,,b=2")
	f(`labels "a=" has element "a=", which must have a value after the =`, "labels=a=")
	f(`labels "a.b=x" has element "a.b=x", which must have only letters, digits and _ in a label's name and not start with a digit, such as a_b`, "labels=a.b=x")
	f(`labels "a=$x.y" has element "a=$x.y", which is no path: column 3: a dot does not go deeper: write $a['b'] for b inside of a, or $['a.b'] for a key with a dot`, "labels=a=$x.y")
	f(`label_keys "$a[" has element "$a[", which is no path: column 4: in brackets comes a quoted key or a number, as in ['key'] or [0]`, "label_keys=$a[")
	f(`label_keys ",a" has element "", which must be a key or a path such as $key['nested']`, "label_keys=,a")
	f(`labels and structured metadata: label a_b is set twice, by a_b=x and by a.b: give one of them another name, as in other_name=$key`, "labels=a_b=x", "label_keys=a.b")
	f(`remove_keys "$a[1]" has element "$a[1]", which has an index: only keys of maps can be removed`, "remove_keys=$a[1]")
	f(`remove_keys "$TAG" has element "$TAG", which is not in the record: only its keys can be removed`, "remove_keys=$TAG")
	f(`line_format "xml" must be one of json, logfmt, raw, template`, "line_format=xml")
	f(`line_format raw and line_key need each other`, "line_format=raw")
	f(`line_format raw and line_key need each other`, "line_key=log")
	f(`line_format template and line_template need each other`, "line_template=$log")
	f(`line_template "a $b[" has a wrong path: column 6: in brackets comes a quoted key or a number, as in ['key'] or [0]; line_format template and line_template need each other`,
		"line_template=a $b[", "line_format=template")
	f(`drop_single_key "maybe" must be off, on or raw`, "drop_single_key=maybe")
	f(`labels "a=@ressource['x']" has element "a=@ressource['x']", which has a wrong path: column 2: after @ comes metadata, resource, scope or group, as in @resource['service.name']; a key of the record that starts with @ is written $['@key']`, "labels=a=@ressource['x']")
	f(`labels "a=$5" has element "a=$5", which is no path: column 2: after $ comes a key of letters, digits, _, - and / that starts with a letter or _; any other key is written $['key']; for a text that starts with it, write it twice`, "labels=a=$5")
	f(`labels "a=$b-$c[" has element "a=$b-$c[", which has a wrong path: column 7: in brackets comes a quoted key or a number, as in ['key'] or [0]`, "labels=a=$b-$c[")
	f(`default_labels "a=$b" has element "a=$b", which must not depend on the record, only on its tag: it is for records that have no label`, "default_labels=a=$b")
	f(`labels and structured metadata: label trace_id is set twice, by trace_id=x and by option trace_id: give one of them another name, as in other_name=$key`,
		"structured_metadata=trace_id=x", "trace_id=$a")
	f(`structured_metadata_map_keys "$TAG" has element "$TAG", which is the tag: must be a path into the record or beside it`, "structured_metadata_map_keys=$TAG")
	f(`tenant_id "a/$b" must have only letters, digits and ! - _ . * ' ( ), and has '/'`, "tenant_id=a/$b")
	f(`tenant_id_key "$a.b" is no path: column 3: a dot does not go deeper: write $a['b'] for b inside of a, or $['a.b'] for a key with a dot`, "tenant_id_key=$a.b")
	f(`label_keys is given twice, as label_keys and as labelkeys`, "label_keys=a", "labelkeys=b")
	f(`batch_size "4Mi" must be a size from 1Ki to 3584Ki, such as 512Ki or 1M`, "batch_size=4Mi")
	f(`timeout "0" must be a duration from 100ms to 10m0s, such as 500ms or 10s`, "timeout=0")
	f("max_stream_burst must be at least max_stream_rate", "max_stream_rate=2Mi", "max_stream_burst=1Mi")
	f("max_line_size must be 0 or leave room for the mark of a line that was cut", "max_line_size=5")
	f("http_user is required with http_passwd; dead_letter_path and dead_letter_topic are both set: set one of them; dead_letter_brokers is required with dead_letter_topic: a comma-separated list, such as kafka-1:9092",
		"http_passwd=hunter2", "dead_letter_path=/x", "dead_letter_topic=y")
	f(`batch_size "x" must be a size from 1Ki to 3584Ki, such as 512Ki or 1M; timeout "x" must be a duration from 100ms to 10m0s, such as 500ms or 10s; url must start with http:// or https://, such as http://loki:3100`,
		"url=x", "batch_size=x", "timeout=x")
}

func TestURL(t *testing.T) {
	f := func(text, wantURL, wantPrinted string) {
		t.Helper()
		e := endpointRule.Parse(text)
		if e.Err != nil || e.URL.String() != wantURL || e.String() != wantPrinted {
			t.Errorf("%s: got %s, printed %s, %v", text, e.URL, e, e.Err)
		}
	}
	f("http://loki:3100", "http://loki:3100/loki/api/v1/push", "http://loki:3100/loki/api/v1/push")
	f("https://loki/", "https://loki/loki/api/v1/push", "https://loki/loki/api/v1/push")
	f("https://gateway/logs", "https://gateway/logs", "https://gateway/logs")
	f("http://me:hunter2@loki", "http://loki/loki/api/v1/push", "http://me:xxxxx@loki/loki/api/v1/push")
}

func TestSplitList(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		if got := splitList(text); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%s: got %q", text, got)
		}
	}
	f("a", "a")
	f("a, b ,c", "a", "b", "c")
	f("$a['x,y'],b", "$a['x,y']", "b")
	f(`$a["x,y"]['it''s, so'],b`, `$a["x,y"]['it''s, so']`, "b")
	f("it's=x,b", "it's=x", "b")
	f("$a[,b", "$a[", "b")
	f("", "")
	f("a,", "a", "")
}

func FuzzOptions(f *testing.F) {
	f.Add("http://loki:3100", "a=$b['c'],$d", "e,$f", "g", "$a", "$b[0] @metadata['c']")
	f.Add("http://me:hunter2@loki", "a=b$c", "a", "$a['b']", "a", "$$")
	f.Add("http://loki", `{a="b",c="d,e"}`, "@resource['a']", "a", "t-$a", "")
	f.Fuzz(func(t *testing.T, url, labels, labelKeys, removeKeys, tenantKey, lineTemplate string) {
		c := NewConfig()
		err := parse(c, "url="+url, "labels="+labels, "label_keys="+labelKeys, "remove_keys="+removeKeys, "tenant_id_key="+tenantKey,
			"line_format=template", "line_template="+lineTemplate, "structured_metadata="+labels, "structured_metadata_map_keys="+labelKeys, "trace_id="+labelKeys)
		if err != nil {
			return
		}
		if _, err := newPlan(&c.labeling); err != nil {
			t.Errorf("accepted options do not make a plan: %v", err)
		}
	})
}
