package accessor_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/accessor"
	"github.com/tidegate/tidegate/common/chunk"
	"github.com/tidegate/tidegate/common/jsonpack"
	"github.com/tidegate/tidegate/common/jsontext"
)

// line is an event whose key log holds text.
func line(text string) *chunk.Event {
	body := chunk.AppendMapHeader(nil, 1)
	return &chunk.Event{Body: chunk.AppendString(chunk.AppendString(body, "log"), text)}
}

// found is the JSON of what a path finds, empty for nothing.
func found(t *testing.T, ev *chunk.Event, path string) string {
	t.Helper()
	a, err := accessor.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	value, ok := a.Lookup(ev)
	values := make([][]byte, 1)
	accessor.NewSet(a).Lookup(ev, values)
	if ok != (values[0] != nil) || !bytes.Equal(value, values[0]) {
		t.Errorf("%s: %q alone, %q in a set", path, value, values[0])
	}
	if !ok {
		return ""
	}
	text, err := jsontext.Append(nil, value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLookupInText(t *testing.T) {
	const text = ` {"deviceid":"garage","f":18.20,"n":-1e3,"on":true,"off":false,"none":null,"q":"a\"b\u00e9\ud83d\ude00",` +
		`"list":[[],{"x":["y"]}],"inner":"{\"a\":\"{\\\"b\\\":[\\\"deep\\\"]}\"}","word":"text","again":1,"again":2}`
	f := func(path, want string) {
		t.Helper()
		if got := found(t, line(text), path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	f("$log['deviceid']", `"garage"`)
	f("$log['f']", `"18.20"`)
	f("$log['n']", `"-1e3"`)
	f("$log['on']", `true`)
	f("$log['off']", `false`)
	f("$log['none']", `null`)
	f("$log['q']", `"a\"bé😀"`)
	f("$log['list']", `"[[],{\"x\":[\"y\"]}]"`)
	f("$log['list'][1]['x'][0]", `"y"`)
	f("$log['inner']['a']['b'][0]", `"deep"`)
	f("$log['inner']['a']", `"{\"b\":[\"deep\"]}"`)
	f("$log['again']", `"1"`)
	for _, path := range []string{
		"$log['absent']", "$log[0]", "$log['word']['x']", "$log['list'][2]", "$log['list']['x']", "$log['f']['x']", "$log['none']['x']",
		"$log['inner']['b']", "$log['inner']['a']['b'][1]", "$log['inner'][0]",
	} {
		f(path, "")
	}
}

func TestLookupInOtherText(t *testing.T) {
	f := func(text, path, want string) {
		t.Helper()
		if got := found(t, line(text), path); got != want {
			t.Errorf("%s in %s: got %s, want %s", path, text, got, want)
		}
	}
	f(`[1,"x"]`, "$log[1]", `"x"`)
	f(`{"a":"b","c":`, "$log['a']", `"b"`)
	f(`{"a":"b","c":`, "$log['c']", "")
	f(`no JSON`, "$log['a']", "")
	f(``, "$log['a']", "")
	f(`"{\"a\":1}"`, "$log['a']", "")
	f(`{"a":"\x"}`, "$log['a']", "")
	f(`{"a":"\x"}`, "$log['a']['b']", "")
	f(`{"a":wrong}`, "$log['a']", "")
	f(`{"a":"`+strings.Repeat(`\n`, 300)+`"}`, "$log['a']", `"`+strings.Repeat(`\n`, 300)+`"`)
	f(`{"a":"`+strings.Repeat(`x`, 70000)+`"}`, "$log['a']", `"`+strings.Repeat(`x`, 70000)+`"`)
}

// Text may stand in metadata and as binary, and the values of one lookup do not
// write over each other.
func TestSetInText(t *testing.T) {
	body := chunk.AppendString(chunk.AppendMapHeader(nil, 2), "a")
	body = append(body, "\xc4\x0d"+`{"x":"1","y":`...) // bin
	body = chunk.AppendString(chunk.AppendString(body, "b"), `{"x":"two","y":{"z":3}}`)
	meta := chunk.AppendString(chunk.AppendString(chunk.AppendMapHeader(nil, 1), "m"), `["\t"]`)
	var all []*accessor.Accessor
	for _, path := range []string{"$b['y']['z']", "$a['x']", "$b['x']", "@metadata['m'][0]", "$a['y']", "$b"} {
		a, err := accessor.Compile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	values := make([][]byte, len(all))
	var text []byte
	set := accessor.NewSet(all...)
	ev := &chunk.Event{Body: body, Metadata: meta}
	look := func() { text = set.LookupInto(ev, values, text[:0]) }
	look()
	for i, want := range []string{"\xa13", "\xa11", "\xa3two", "\xa1\t", "", "\xb7" + `{"x":"two","y":{"z":3}}`} {
		if string(values[i]) != want {
			t.Errorf("%s: got %q, want %q", all[i], values[i], want)
		}
	}
	if n := testing.AllocsPerRun(10, look); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzText: what a path finds in text is what it finds in the text's msgpack,
// where a parser reads the text and no key is there twice.
func FuzzText(f *testing.F) {
	for _, text := range []string{
		`{"a":{"b":[1,"x\n",null,true,{"c":"{\"d\":1}"}]}}`, `[{"a":1}]`, `{"a":{"b":1.50}}`, `{"a":"\ud800"}`, `{"a":[[0]]}`, `{"a":"{\"b\":[\"c\"]}"}`, `{"a":{"b":1`,
	} {
		f.Add(text, "a", "b", 0)
	}
	pack := jsonpack.New()
	f.Fuzz(func(t *testing.T, text, first, second string, index int) {
		index &= 7
		path, err := accessor.Below("log", first, second)
		if err != nil {
			t.Fatal(err)
		}
		deeper, err := accessor.Compile(path.String() + "[" + string(rune('0'+index)) + "]")
		if err != nil {
			t.Fatal(err)
		}
		packed, _, err := pack.Append(nil, []byte(text))
		parsed := &chunk.Event{Body: append(chunk.AppendString(chunk.AppendMapHeader(nil, 1), "log"), packed...)}
		comparable := err == nil && json.Valid([]byte(text)) && !repeats(packed) && chunk.KindOf(packed) != chunk.String
		for _, a := range []*accessor.Accessor{path, deeper} {
			got, ok := a.Lookup(line(text))
			if ok {
				if _, err := jsontext.AppendText(nil, got); err != nil {
					t.Fatalf("%s in %s: %q: %v", a, text, got, err)
				}
			}
			if !comparable {
				continue
			}
			want, there := a.Lookup(parsed)
			if ok != there {
				t.Fatalf("%s in %s: %v, but %v once it is parsed", a, text, ok, there)
			}
			if kind := chunk.KindOf(want); ok && (kind == chunk.String || kind == chunk.Bool || kind == chunk.Nil) && chunk.KindOf(got) == kind && !bytes.Equal(got, want) {
				t.Fatalf("%s in %s: %q, but %q once it is parsed", a, text, got, want)
			}
		}
	})
}

// repeats reports whether a map in a value has a key twice.
func repeats(value []byte) bool {
	n, b, err := chunk.ReadMapHeader(value)
	isMap := err == nil
	if !isMap {
		if n, b, err = chunk.ReadArrayHeader(value); err != nil {
			return false
		}
	}
	seen := map[string]bool{}
	for range n {
		if isMap {
			var k []byte
			if k, b, err = chunk.ReadKeyZC(b); err != nil || seen[string(k)] {
				return true
			}
			seen[string(k)] = true
		}
		var v []byte
		if v, b, err = chunk.ReadValueZC(b); err != nil || repeats(v) {
			return true
		}
	}
	return false
}

func BenchmarkSetInText(b *testing.B) {
	ev := line(`{"ts":"2026-11-20T10:00:00.123456Z","level":"info","service":"checkout","host":"node-17.eu-west-1.example","msg":"order accepted after payment","order":{"id":918273645,"total":129.95,"items":3},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","duration_ms":41.7,"retry":false,"user":"u-59137"}`)
	level, _ := accessor.Compile("$log['level']")
	service, _ := accessor.Compile("$log['service']")
	set := accessor.NewSet(level, service)
	values := make([][]byte, 2)
	var text []byte
	b.ReportAllocs()
	for b.Loop() {
		text = set.LookupInto(ev, values, text[:0])
	}
}
