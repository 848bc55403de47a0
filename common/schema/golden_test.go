package schema

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"testing"

	"github.com/tidegate/tidegate/common/jsontext"
)

// TestGolden reads what confluent-kafka's serializers wrote. testdata is made
// by test/golden, with what the registry answered and what was put in.
func TestGolden(t *testing.T) {
	var documents map[string]json.RawMessage
	text, err := os.ReadFile("testdata/registry.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &documents); err != nil {
		t.Fatal(err)
	}
	f := startFake(t)
	f.answer = func(w http.ResponseWriter, req *http.Request) bool {
		doc, ok := documents[req.URL.Path]
		if ok {
			_, _ = w.Write(doc)
		}
		return ok
	}
	avro, _, _ := open(t, configFor(t, FormatAvro, "schema_registry_url", f.URL))
	asJSON, _, _ := open(t, configFor(t, FormatJSON))
	values, err := os.ReadFile("testdata/values.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for line := range bytes.Lines(values) {
		read++
		var c struct {
			Topic, Value string
			Want         json.RawMessage
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		value, err := hex.DecodeString(c.Value)
		if err != nil {
			t.Fatal(err)
		}
		d := avro
		if c.Topic == "events" {
			d = asJSON
		}
		out, err := d.Append(nil, c.Topic, value)
		if err != nil {
			t.Errorf("%s: %v", c.Topic, err)
			continue
		}
		got, err := jsontext.Append(nil, out)
		if err != nil {
			t.Fatal(err)
		}
		if !sameJSON(t, got, c.Want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.Topic, got, c.Want)
		}
	}
	if read < 7 {
		t.Errorf("only %d values", read)
	}
}

// sameJSON compares values, digits included.
func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var values [2]any
	for i, text := range [][]byte{a, b} {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&values[i]); err != nil {
			t.Fatal(err)
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}
