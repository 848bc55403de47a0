package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/common/jsontext"
)

// fake is a registry's part that is read: documents by path.
type fake struct {
	*httptest.Server
	requests atomic.Int64
	answer   func(w http.ResponseWriter, req *http.Request) (done bool)
}

const (
	logSchema   = `{"type":"record","name":"Log","fields":[{"name":"msg","type":"string"}]}`
	orderSchema = `{"type":"record","name":"Order","fields":[{"name":"to","type":"geo.Address"}]}`
	addressType = `{"type":"record","name":"Address","namespace":"geo","fields":[{"name":"zip","type":"string"}]}`
)

func document(members ...any) string {
	m := map[string]any{}
	for i := 0; i < len(members); i += 2 {
		m[members[i].(string)] = members[i+1]
	}
	b, _ := json.Marshal(m)
	return string(b)
}

var documents = map[string]string{
	"/schemas/ids/1": document("schema", logSchema),
	"/schemas/ids/2": document("schema", `{"type":"object"}`, "schemaType", "JSON"),
	"/schemas/ids/3": document("schema", `{"type":"rec`),
	"/schemas/ids/4": document("schema", orderSchema, "schemaType", "AVRO",
		"references", []any{map[string]any{"name": "geo.Address", "subject": "address", "version": 2}}),
	"/subjects/address/versions/2": document("subject", "address", "version", 2, "id", 9, "schema", addressType),
	"/schemas/ids/5": document("schema", orderSchema,
		"references", []any{map[string]any{"name": "a", "subject": "self", "version": 1}}),
	"/subjects/self/versions/1": document("schema", orderSchema,
		"references", []any{map[string]any{"name": "a", "subject": "self", "version": 1}}),
	"/schemas/ids/6": document("error", "there is no schema in it"),
}

func (f *fake) serve(w http.ResponseWriter, req *http.Request) {
	f.requests.Add(1)
	if f.answer != nil && f.answer(w, req) {
		return
	}
	w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
	if text, ok := documents[req.URL.Path]; ok {
		_, _ = fmt.Fprint(w, text)
		return
	}
	w.WriteHeader(http.StatusNotFound)
	_, _ = fmt.Fprint(w, document("error_code", 40403, "message", "Schema not found"))
}

func startFake(t testing.TB) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

// open makes a decoder with a clock of its own, and gives what it logs.
func open(t testing.TB, c *Config) (d *Decoder, clock *time.Time, log *bytes.Buffer) {
	t.Helper()
	log = &bytes.Buffer{}
	d, err := Open(c, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	now := time.Unix(1_800_000_000, 0)
	if d.schemas != nil {
		d.schemas.now = func() time.Time { return now }
	}
	return d, &now, log
}

// configFor returns a valid configuration of options.
func configFor(t testing.TB, format string, pairs ...string) *Config {
	t.Helper()
	c, err := parse(format, pairs...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wire(id byte, payload string) []byte { return append([]byte{0, 0, 0, 0, id}, payload...) }

// text decodes a value into JSON.
func text(t testing.TB, d *Decoder, value []byte) (string, error) {
	t.Helper()
	out, err := d.Append([]byte("x"), "logs", value)
	if err != nil {
		if string(out) != "x" {
			t.Errorf("%x: dst came back as %q", value, out)
		}
		return "", err
	}
	b, err := jsontext.Append(nil, out[1:])
	if err != nil {
		t.Fatal(err)
	}
	return string(b), nil
}

func TestAvro(t *testing.T) {
	f := startFake(t)
	d, _, _ := open(t, configFor(t, FormatAvro, "schema_registry_url", f.URL))
	for range 100 {
		for id, c := range map[byte][2]string{
			1: {"\x04hi", `{"msg":"hi"}`},
			4: {"\x0412", `{"to":{"zip":"12"}}`},
		} {
			if got, err := text(t, d, wire(id, c[0])); err != nil || got != c[1] {
				t.Fatalf("schema %d: got %s, want %s (%v)", id, got, c[1], err)
			}
		}
	}
	if n := f.requests.Load(); n != 3 {
		t.Errorf("%d requests for two schemas and a reference", n)
	}
}

// TestBadValues holds that a value that can never be read is told from one
// whose schema is not known yet.
func TestBadValues(t *testing.T) {
	f := startFake(t)
	d, now, log := open(t, configFor(t, FormatAvro, "schema_registry_url", f.URL))
	for _, c := range []struct {
		value []byte
		want  string
	}{
		{nil, "shorter than a magic byte and a schema id"},
		{[]byte{0, 0, 0, 1}, "shorter than a magic byte and a schema id"},
		{[]byte(`{"msg":"x"}`), "no magic byte"},
		{append([]byte{1}, make([]byte, 16)...), "magic byte 1"},
		{wire(1, ""), "schema 1: field msg of Log: the bytes end inside a value"},
		{wire(1, "\x04secret"), "schema 1: bytes after the end of the value"},
		{wire(2, "{}"), "schema 2: it is of type JSON, not AVRO"},
		{wire(3, ""), "schema 3: "},
		{wire(5, ""), "schema 5: "},
		{wire(77, ""), "schema 77: the registry does not have it"},
		{[]byte{0, 0xff, 0xff, 0xff, 0xff}, "schema 4294967295: the registry does not have it"},
	} {
		for range 3 { // the registry is asked once, and says the same
			_, err := text(t, d, c.value)
			if err == nil || errors.Is(err, ErrUnavailable) || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("%q: %v, want %s", c.value, err, c.want)
			}
		}
	}
	if n := f.requests.Load(); n != 6 {
		t.Errorf("%d requests, want one for each of five ids and a reference", n)
	}
	if log.Len() > 0 {
		t.Errorf("logged %s", log)
	}
	*now = now.Add(unknownFor)
	if _, err := text(t, d, wire(77, "")); err == nil || f.requests.Load() != 7 {
		t.Errorf("an unknown id was not asked for again: %v", err)
	}
}

// TestLargeAnswer holds that an endless answer is neither kept nor waited for
// again: it would be as long the next time.
func TestLargeAnswer(t *testing.T) {
	f := startFake(t)
	f.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = fmt.Fprint(w, `{"schema":"`, strings.Repeat("x", maxAnswer), `"}`)
		return true
	}
	d, _, _ := open(t, configFor(t, FormatAvro, "schema_registry_url", f.URL, "schema_registry_timeout", "20s"))
	for range 2 {
		if _, err := text(t, d, wire(1, "")); err == nil || err.Error() != "schema 1: it has more than 8 MiB" {
			t.Errorf("%.200v", err)
		}
	}
	if n := f.requests.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestCachesAreBounded holds that ids out of rubbish take no memory for ever.
func TestCachesAreBounded(t *testing.T) {
	d, _, _ := open(t, configFor(t, FormatAvro, "schema_registry_url", "http://127.0.0.1:1"))
	s := d.schemas
	for id := range uint32(3 * maxUnknown) {
		s.forget(id)
		s.keep(id, verdict{})
		if len(s.unknown) > maxUnknown || len(s.known) > maxKnown {
			t.Fatalf("%d unknown, %d known", len(s.unknown), len(s.known))
		}
	}
}
