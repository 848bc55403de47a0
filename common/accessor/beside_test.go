package accessor

import (
	"os"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

// grouped is an event of an OTLP group that was read from Kafka twice: its
// metadata has the key kafka for each time.
func grouped() *chunk.Event {
	text := func(b []byte, key, value string) []byte {
		return chunk.AppendString(chunk.AppendString(b, key), value)
	}
	nested := func(b []byte, key string, pairs int) []byte {
		return chunk.AppendMapHeader(chunk.AppendString(b, key), pairs)
	}
	metadata := text(nested(chunk.AppendMapHeader(nil, 2), "kafka", 2), "topic", "old")
	metadata = text(metadata, "key", "k")
	metadata = text(nested(metadata, "kafka", 1), "topic", "new")
	group := text(nested(nested(chunk.AppendMapHeader(nil, 3), "resource", 1), "attributes", 1), "service.name", "pay")
	group = text(nested(group, "scope", 3), "name", "lib")
	group = text(group, "version", "1.2")
	group = text(nested(group, "attributes", 1), "name", "attribute")
	group = text(group, "tenant", "t1")
	return &chunk.Event{Body: record(), Metadata: metadata, GroupBody: group}
}

func TestLookupBesideTheRecord(t *testing.T) {
	ev := grouped()
	f := func(path, name, want string) {
		t.Helper()
		a, err := Compile(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		value, ok := a.Lookup(ev)
		if string(value) != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", path, value, ok, want)
		}
		if a.Name() != name || !a.InEvent() {
			t.Errorf("%s: got name %q, in event %v", path, a.Name(), a.InEvent())
		}
		a2, _ := Compile("$a")
		values := make([][]byte, 3)
		NewSet(a2, a, Key("absent")).Lookup(ev, values)
		if string(values[0]) != "\xa1x" || string(values[1]) != want || values[2] != nil {
			t.Errorf("%s in a set: got %q", path, values)
		}
		if value, ok = a.Lookup(&chunk.Event{Body: ev.Body}); ok || value != nil {
			t.Errorf("%s without metadata and group: got %q", path, value)
		}
	}
	f("@metadata['kafka']['topic']", "topic", "\xa3new")
	f("@metadata['kafka']['key']", "key", "") // the last pair has none
	f("@metadata['a']", "a", "")
	f("@resource['service.name']", "service.name", "\xa3pay")
	f(`@resource["service.name"]`, "service.name", "\xa3pay")
	f("@resource['attributes']", "attributes", "")
	f("@scope['name']", "name", "\xa3lib")
	f("@scope['version']", "version", "\xa31.2")
	f("@scope['attributes']['name']", "name", "\xa9attribute")
	f("@group['tenant']", "tenant", "\xa2t1")
	f("@group['resource']['attributes']['service.name']", "service.name", "\xa3pay")
	f("@group['tenant'][0]", "tenant", "")
}

// A field cannot be taken for what is beside the record, nor the other way.
func TestRecordHidesNothing(t *testing.T) {
	ev := grouped()
	ev.Body = chunk.AppendString(chunk.AppendString(chunk.AppendMapHeader(nil, 1), "@metadata"), "field")
	for path, want := range map[string]string{"$['@metadata']": "\xa5field", "@metadata['kafka']['topic']": "\xa3new", "$kafka['topic']": "", "$resource": ""} {
		a, err := Compile(path)
		if err != nil {
			t.Fatal(err)
		}
		if value, _ := a.Lookup(ev); string(value) != want {
			t.Errorf("%s: got %q, want %q", path, value, want)
		}
	}
}

func TestIsPath(t *testing.T) {
	for text, want := range map[string]bool{"": false, "a": false, "a$": false, "$": true, "$a": true, "@": true, "@nonsense": true, "a@b": false} {
		if IsPath(text) != want {
			t.Errorf("%q: got %v", text, !want)
		}
	}
}

// The groups come from Fluent Bit's OpenTelemetry input: see ../chunk/testdata/README.md.
func TestLookupInRealGroups(t *testing.T) {
	for _, file := range []string{"otlp-json", "otlp-protobuf"} {
		b, err := os.ReadFile("../chunk/testdata/" + file + ".msgpack")
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]string{
			"@resource['service.name']":                      "\xa8checkout \xa8checkout \xa8checkout \xa4cart",
			"@resource['host.cpus']":                         "\x08 \x08 \x08 none",
			"@resource['tags'][0]":                           "\xa1a \xa1a \xa1a none",
			"@scope['name']":                                 "\xa4http \xa4http none \xa3sql",
			"@scope['attributes']['name']":                   "\xb0of the attribute \xb0of the attribute none none",
			"@metadata['otlp']['attributes']['http.status']": "\xcd\x01\xf7 none none none",
			"@metadata['otlp']['severity_text']":             "\xa4WARN none none none",
			"@metadata['otlp']['severity_number']":           "\x0d none none none",
			"$log":                                           "\xa4slow none \xa8no scope \xa4done",
			"$resource":                                      "none none none none",
			"@resource['attributes']['service.name']":        "none none none none",
			"@group['resource']['attributes']['x']":          "none none none none",
			"@scope['version']":                              "\xa31.4 \xa31.4 none none",
			"@group['resource']['attributes']['tags'][1]":    "\xc3 \xc3 \xc3 none",
			"@metadata['otlp']['span_id']":                   "\xc4\x08\x01\x02\x03\x04\x05\x06\x07\x08 none none none",
		} {
			a, err := Compile(path)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			r := chunk.NewReader(b)
			for ev := (chunk.Event{}); r.Next(&ev); {
				if value, ok := a.Lookup(&ev); ok {
					got = append(got, string(value))
				} else {
					got = append(got, "none")
				}
			}
			if text := strings.Join(got, " "); text != want {
				t.Errorf("%s: %s: got %q, want %q", file, path, text, want)
			}
		}
	}
}
