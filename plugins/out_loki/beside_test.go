package outloki

import (
	"os"
	"slices"
	"testing"
)

// TestLabelsBeside holds that labels come from what stands beside a record
// too, in chunks that a real Fluent Bit made.
func TestLabelsBeside(t *testing.T) {
	f := func(chunk, labels string, want ...string) {
		t.Helper()
		data, err := os.ReadFile("../../common/chunk/testdata/" + chunk + ".msgpack")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, push := range flushed(t, "tag", data, "labels="+labels) {
			for _, s := range push {
				got = append(got, s.labels)
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s of %s: got %q, want %q", labels, chunk, got, want)
		}
	}
	f("in_kafka", "topic=@metadata['kafka']['topic']", `{topic="logs"}`)
	f("in_kafka", "@metadata['kafka']['topic'],job=kafka", `{job="kafka", topic="logs"}`)
	for _, chunk := range []string{"otlp-protobuf", "otlp-json"} {
		f(chunk, "service=@resource['service.name'],scope=@scope['name']",
			`{scope="http", service="checkout"}`, `{scope="sql", service="cart"}`, `{service="checkout"}`)
		f(chunk, "@resource['service.name']", `{service_name="cart"}`, `{service_name="checkout"}`)
		f(chunk, "service=@group['resource']['attributes']['service.name']", `{service="cart"}`, `{service="checkout"}`)
	}
}
