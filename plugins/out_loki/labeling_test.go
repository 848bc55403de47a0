package outloki

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/chunk"
)

// pod is a record as Fluent Bit's Kubernetes filter makes it, of a line that was
// not parsed.
const pod = `{"log":" {\"deviceid\":\"garage\",\"f\":18.20,\"on\":true,\"off\":null,\"list\":[1,{\"x\":\"y\"}],` +
	`\"inner\":\"{\\\"a\\\":\\\"b\\\\nc\\\"}\",\"e\":\"\"} ","level":"WARNING","n":5,"empty":"",` +
	`"kubernetes":{"pod_name":"p-1","namespace_name":"prod","labels":{"app":"shop","app.kubernetes.io/name":"s","app_kubernetes_io_name":"t","tier":"","pod-template-hash":"1"}}}`

// entryOf returns the labels and the entry that a record becomes.
func entryOf(t *testing.T, tag, record string, settings ...string) (labels string, entry line) {
	t.Helper()
	pushes := flushed(t, tag, chunkOf(record), settings...)
	if len(pushes) != 1 || len(pushes[0]) != 1 || len(pushes[0][0].lines) != 1 {
		t.Fatalf("got %+v", pushes)
	}
	return pushes[0][0].labels, pushes[0][0].lines[0]
}

func TestLabelsOfRecords(t *testing.T) {
	f := func(want string, settings ...string) {
		t.Helper()
		if got, _ := entryOf(t, "kube.var.log", pod, settings...); got != want {
			t.Errorf("%v:\n got %s\nwant %s", settings, got, want)
		}
	}
	f(`{app="shop"}`, "labels=app=$kubernetes['labels']['app']")
	// Paths into text.
	f(`{deviceid="garage"}`, "label_keys=$log['deviceid']")
	f(`{deviceid="garage", f="18.20", on="true", x="y"}`, "labels=$log['deviceid'],$log['f'],$log['on'],x=$log['list'][1]['x'],none=$log['list'][2],off=$log['off'],e=$log['e']")
	f(`{a="b\nc", list="[1,{\"x\":\"y\"}]"}`, "labels=$log['inner']['a'],$log['list'],none=$log['inner']['b'],no=$level['x']")
	// Templates.
	f(`{job="prod/p-1"}`, "labels=job=$kubernetes['namespace_name']/$kubernetes['pod_name']")
	f(`{job="prod/kube.var.log:5"}`, "labels=job=$kubernetes['namespace_name']/$TAG:$n")
	f(`{a="$5 me@example.com garage!"}`, "labels=a=$$5 me@example.com $log['deviceid']!,b=x$absent,c=$empty$n")
	f(`{tag="var"}`, "labels=tag=$TAG[1],more=$TAG[1].$TAG[7]")
	// Names.
	f(`{kubernetes_pod_name="p-1", log_list_1_x="y"}`, "labels=$kubernetes['pod_name']", "label_keys=$log['list'][1]['x']", "label_names=full_path")
	f(`{pod_name="p-1", x="y"}`, "labels=$kubernetes['pod_name']", "label_keys=$log['list'][1]['x']")
	// All of a pod's labels: two make the same name, and one is set already.
	f(`{app="shop", app_kubernetes_io_name="t", app_kubernetes_io_name_2="s", pod_template_hash="1"}`, "auto_kubernetes_labels=on")
	f(`{app="mine", app_kubernetes_io_name="t", app_kubernetes_io_name_2="s", pod_template_hash="1"}`, "autokuberneteslabels=true", "labels=app=mine")
	f(`{app="shop", app_kubernetes_io_name="t", app_kubernetes_io_name_2="s", pod_template_hash="1"}`, "auto_kubernetes_labels=on", "labels=app=$absent")
	// Levels.
	f(`{level="warn"}`, "labels=$level", "normalize_level=on")
	f(`{level="WARNING"}`, "labels=$level")
	f(`{level="error-5", other="WARNING"}`, "labels=level=error-$n,other=$level", "normalize_level=on")
	// No label.
	f(`{job="fluent-bit"}`, "labels=a=$absent,b=$empty")
	f(`{host="x", tag="kube.var.log"}`, "default_labels=tag=$TAG,host=x", "labels=a=$absent")
	f(`{n="5"}`, "default_labels=tag=$TAG,host=x", "labels=$n")
	f(`{job="fluent-bit"}`, "default_labels=x=$TAG[9]")
	// Grafana's way to write them.
	f(`{a="b,c\"}", d="e", n="5"}`, "labels={a=\"b,c\\\"}\", d=`e`}", "labelkeys=n")
}

func TestLines(t *testing.T) {
	const record = `{"log":"{\"a\":1}","level":"info","n":{"x":1,"y":[true,null]},"s":"two words"}`
	f := func(want string, settings ...string) {
		t.Helper()
		if _, got := entryOf(t, "t.u", record, settings...); got.text != want {
			t.Errorf("%v:\n got %s\nwant %s", settings, got.text, want)
		}
	}
	f(record)
	f(`log="{\"a\":1}" level=info n="{\"x\":1,\"y\":[true,null]}" s="two words"`, "line_format=logfmt")
	f(`level=info n="{\"y\":[true,null]}" s="two words"`, "lineformat=key_value", "removekeys=log,$n['x']")
	f(`{"a":1}`, "line_format=raw", "line_key=log")
	f(`two words`, "line_format=raw", "line_key=$s")
	f(`1`, "line_format=raw", "line_key=$log['a']")
	f(`{"x":1,"y":[true,null]}`, "line_format=raw", "line_key=n")
	f(`{"log":"{\"a\":1}","level":"info","s":"two words"}`, "line_format=raw", "line_key=absent", "remove_keys=n")
	f(`info [t.u] 1/: two words $`, "line_format=template", "line_template=$level [$TAG] $log['a']/$absent: $s $$")
	f(`{"level":"info","n":{"y":[true,null]},"s":"two words"}`, "remove_keys=$log,$n['x'],$n['z'],$s['a'],absent")
	// Labels stay in the line unless they are asked to leave it.
	f(record, "labels=$level,x=$n['x']", "label_keys=s")
	f(record, "labels=$level,x=$n['x']", "label_keys=s", "remove_keys=absent")
	f(`{"log":"{\"a\":1}","n":{"y":[true,null]}}`, "labels=$level,x=$n['x'],$TAG,a=$log['a'],l=$n['y'][0]", "label_keys=s", "remove_label_keys=on")
	f(`{"n":{"y":[true,null]},"s":"two words"}`, "structured_metadata=x=$level", "trace_id=$n['x'],@metadata['s']", "structured_metadata_map_keys=log,$absent", "remove_label_keys=on")
	f(`{"level":"info","n":{}}`, "labels=$n['x'],s=$s!", "remove_keys=$n['y'],log", "remove_label_keys=on")
	// One key that is left.
	f(`{"level":"info"}`, "remove_keys=log,n,s")
	f(`"info"`, "remove_keys=log,n,s", "drop_single_key=on")
	f(`info`, "remove_keys=log,n,s", "dropsinglekey=RAW")
	f(`info`, "remove_keys=log,n,s", "drop_single_key=on", "line_format=logfmt")
	f(`{"y":[true,null]}`, "remove_keys=log,level,s,$n['x']", "drop_single_key=raw")
	f(`{"level":"info","s":"two words"}`, "remove_keys=log,n", "drop_single_key=raw")
	f(`{}`, "remove_keys=log,n,level,s", "drop_single_key=raw")
}

func TestStructuredMetadata(t *testing.T) {
	const record = `{"a":"x","b":"","c":null,"d":[1],"level":"ERR","m":{"k.1":"v","k_1":2,"9":true,"no":null,"e":"","a":"taken","level":"crit","k-1":3},"t":"00-abc"}`
	f := func(want string, settings ...string) {
		t.Helper()
		if _, got := entryOf(t, "tag", record, settings...); got.metadata != want || got.text != record {
			t.Errorf("%v:\n got %s in %s\nwant %s", settings, got.metadata, got.text, want)
		}
	}
	f("")
	f("a=x;d=[1];tag=tag;s=fixed;", "structured_metadata=$a,$b,$c,$d,$TAG,s=fixed,absent=$z")
	f("l=error/x;level=error;", "structured_metadata=l=error/$a,$level,none=x$b", "normalize_level=on")
	f("k_1=v;k_1_2=2;_9=true;a=taken;level=crit;k_1_3=3;", "structured_metadata_map_keys=$m")
	f("a=x;k_1=v;k_1_2=2;_9=true;level=critical;k_1_3=3;", "structured_metadata=$a", "structured_metadata_map_keys=$m,$a,$absent", "normalize_level=on")
	f("trace_id=00-abc;span_id=x;", "trace_id=$z,$b,t", "span_id=$a,$t")
	f("", "trace_id=$b")
}

func TestTenantsOfRecords(t *testing.T) {
	f := func(want string, settings ...string) {
		t.Helper()
		var got []string
		p, _ := planOf(t, settings...)
		b := newBatch(p)
		var errs []error
		b.begin("team.x", &limits{}, nil, time.Now())
		for all := chunk.NewRecords(chunkOf(pod)); all.Next(); {
			errs = append(errs, b.add(0, &all.Event))
		}
		for _, p := range pushesOf(b, newMemory(&limits{}), maxBatchSize) {
			got = append(got, p.tenant)
		}
		if unfitReason(errors.Join(errs...)) == badTenant {
			got = append(got, "rejected")
		}
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%v: got %q, want %s", settings, got, want)
		}
	}
	f("")
	f("a", "tenant_id=a")
	f("a", "tenantid=a")
	f("prod", "tenant_id_key=$kubernetes['namespace_name']", "tenant_id=a")
	f("5", "tenant_id_key=n")
	f("garage", "tenant_id_key=$log['deviceid']")
	f("team-prod", "tenant_id_key=$TAG[0]-$kubernetes['namespace_name']", "tenant_id=a")
	f("a", "tenant_id_key=$empty", "tenant_id=a")
	f("a-team", "tenant_id_key=$TAG[0]-$absent", "tenant_id=a-$TAG[0]")
	f("", "tenant_id_key=$absent")
	f("", "tenant_id=a-$absent")
	f("rejected", "tenant_id_key=log", "tenant_id=a")
}
