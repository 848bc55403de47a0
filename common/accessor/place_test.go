package accessor

import (
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsonpack"
)

// pack makes msgpack of JSON.
func pack(t *testing.T, text string) []byte {
	t.Helper()
	b, _, err := jsonpack.New().Append(nil, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTextOf(t *testing.T) {
	ev := chunk.Event{
		Body:      pack(t, `{"log":"{\"a\":{\"b\":1}}","deep":{"list":[0,"{\"x\":\"{\\\"y\\\":1}\"}"]},"odd key":"{\"a\":1}","TAG":"{\"a\":1}","n":5}`),
		Metadata:  pack(t, `{"kafka":{"value":"{\"a\":1}"}}`),
		GroupBody: pack(t, `{"resource":{"attributes":{"json":"{\"a\":1}"}},"scope":{"name":"{\"a\":1}"},"own":"{\"a\":1}"}`),
	}
	for path, want := range map[string]string{
		"$log":                           "",
		"$log['a']":                      "$log",
		"$log['a']['b']":                 "$log",
		"$log['absent']":                 "$log",
		"$deep['list'][1]['x']['y']":     "$deep['list'][1]",
		"$deep['list'][0]":               "",
		"$['odd key']['a']":              "$['odd key']",
		"$['TAG']['a']":                  "$['TAG']",
		"$n['a']":                        "",
		"$absent['a']":                   "",
		"$TAG[1]":                        "",
		"@metadata['kafka']['value']":    "",
		"@metadata['kafka']['value'][0]": "@metadata['kafka']['value']",
		"@resource['json']['a']":         "@resource['json']",
		"@scope['name']['a']":            "@scope['name']",
		"@group['own']['a']":             "@group['own']",
	} {
		a, err := Compile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.TextOf(&ev); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestAt(t *testing.T) {
	for path, want := range map[string]string{
		"$kubernetes['labels']":            "$kubernetes['labels']['it''s']",
		"$a":                               "$a['it''s']",
		"$['a.b']":                         "$['a.b']['it''s']",
		"@group['resource']['attributes']": "@resource['it''s']",
		"@group['resource']":               "@group['resource']['it''s']",
		"@metadata['m'][2]":                "@metadata['m'][2]['it''s']",
	} {
		a, err := Compile(path)
		if err != nil {
			t.Fatal(err)
		}
		got := a.At("it's")
		if got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
		if _, err := Compile(got); err != nil {
			t.Errorf("%s is no path: %v", got, err)
		}
	}
}
