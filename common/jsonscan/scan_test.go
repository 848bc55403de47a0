package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/jsonscan"
)

// find walks to keys, of which a number goes into an array.
func find(text string, path ...any) (token string, kind jsonscan.Kind) {
	at, ok := []byte(text), true
	for _, step := range path {
		switch step := step.(type) {
		case string:
			at, ok = jsonscan.Member(at, step)
		case int:
			at, ok = jsonscan.Element(at, step)
		}
		if !ok {
			return "", jsonscan.Invalid
		}
	}
	b, kind := jsonscan.Token(at)
	return string(b), kind
}

func TestFind(t *testing.T) {
	f := func(want string, kind jsonscan.Kind, text string, path ...any) {
		t.Helper()
		if got, is := find(text, path...); got != want || is != kind {
			t.Errorf("%v in %s: got %s, %d", path, text, got, is)
		}
	}
	f(`"garage"`, jsonscan.String, `{"deviceid":"garage","f":12}`, "deviceid")
	f(`12`, jsonscan.Number, ` { "deviceid" : "garage" , "f" : 12 } `, "f")
	f(`-0.5e+3`, jsonscan.Number, `[0,-0.5e+3]`, 1)
	f(`null`, jsonscan.Null, `{"a":[{"b":null}]}`, "a", 0, "b")
	f(`true`, jsonscan.True, `{"a}":"]{","b":[[],{}],"c":true}`, "c")
	f(`{"x":[1,"]"]}`, jsonscan.Object, `{"a":{"x":[1,"]"]},"b":false}`, "a")
	f(`[]`, jsonscan.Array, `[ [] ]`, 0)
	f(`1`, jsonscan.Number, `{"a\"b":1}`, `a"b`)
	f(`1`, jsonscan.Number, `{"\u0061\ud83d\ude00\n":1}`, "a😀\n")
	f(`"\\"`, jsonscan.String, `{"a":"\\","b":1}`, "a")
	f(`1`, jsonscan.Number, `{"a":"\\","b":1}`, "b")
	f(`1`, jsonscan.Number, `{"a":1,"a":2}`, "a")
	f(`1`, jsonscan.Number, `{"":1}`, "")
	// Cut off, or no JSON, behind what was looked for.
	f(`"garage"`, jsonscan.String, `{"deviceid":"garage","f":1`, "deviceid")
	f(`{"b":1}`, jsonscan.Object, `{"a":{"b":1}!`, "a")
}

func TestFindsNothing(t *testing.T) {
	f := func(text string, path ...any) {
		t.Helper()
		if got, kind := find(text, path...); kind != jsonscan.Invalid {
			t.Errorf("%v in %s: got %s, %d", path, text, got, kind)
		}
	}
	f(``)
	f(``, "a")
	f(`no json`, "a")
	f(`"a"`, "a")
	f(`{}`, "a")
	f(`{"a":1}`, "b")
	f(`{"a":1}`, 0)
	f(`[1]`, "a")
	f(`[1]`, 1)
	f(`[]`, 0)
	f(`[,1]`, 0)
	f(`{"a"`, "a")
	f(`{"a":`, "a")
	f(`{"a":"x`, "a")
	f(`{"a":{"b":1`, "a")
	f(`{"a":wrong}`, "a")
	f(`{"a":01}`, "a")
	f(`{"a":1.}`, "a")
	f(`{"a":-}`, "a")
	f(`{"a":1e}`, "a")
	f(`{"a":1 "b":2}`, "b")
	f(`{"a\x":1}`, "a")
	f(`{"a":1]`, 1)
}

func TestAppendString(t *testing.T) {
	f := func(token, want string) {
		t.Helper()
		if got, ok := jsonscan.AppendString([]byte("x"), []byte(token)); !ok || string(got) != "x"+want {
			t.Errorf("%s: got %q, %v", token, got, ok)
		}
	}
	f(`""`, "")
	f(`"a\"\\\/\b\f\n\r\té"`, "a\"\\/\b\f\n\r\té")
	f(`"\u00e9\ud83d\ude00\ud83d\u0041\ude00\u0000"`, "é😀\uFFFDA\uFFFD\x00")
	for _, token := range []string{`"\x"`, `"\u12"`, `"\u12g4"`} {
		if got, ok := jsonscan.AppendString([]byte("x"), []byte(token)); ok || string(got) != "x" {
			t.Errorf("%s: got %q", token, got)
		}
	}
}

// Neither the depth of what is stepped over nor its length costs memory.
func TestDoesNotAllocate(t *testing.T) {
	text := []byte(`{"a":` + strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20) + `,"\u0062":["x"]}`)
	if n := testing.AllocsPerRun(3, func() {
		at, ok := jsonscan.Member(text, "b")
		if !ok {
			t.Fatal("not found")
		}
		if _, kind := jsonscan.Token(at); kind != jsonscan.Array {
			t.Fatal(kind)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// parsed is what a parser reads: of keys that repeat the first value.
func parsed(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		m := map[string]any{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := parsed(d)
			if err != nil {
				return nil, err
			}
			if _, is := m[key.(string)]; !is {
				m[key.(string)] = value
			}
		}
		_, err := d.Token()
		return m, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, err := parsed(d)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := d.Token()
		return list, err
	}
	return token, nil
}

// same holds what is found at every path against what a parser reads.
func same(t *testing.T, at []byte, want any) {
	t.Helper()
	token, kind := jsonscan.Token(at)
	switch want := want.(type) {
	case map[string]any:
		if kind != jsonscan.Object || !json.Valid(token) {
			t.Fatalf("%s is no object", token)
		}
		for key, value := range want {
			below, ok := jsonscan.Member(at, key)
			if !ok {
				t.Fatalf("no %q in %s", key, token)
			}
			same(t, below, value)
		}
		if _, ok := jsonscan.Member(at, "no such key \x01"); ok {
			t.Fatalf("%s has a key that it has not", token)
		}
	case []any:
		if kind != jsonscan.Array || !json.Valid(token) {
			t.Fatalf("%s is no array", token)
		}
		for i, value := range want {
			below, ok := jsonscan.Element(at, i)
			if !ok {
				t.Fatalf("no %d in %s", i, token)
			}
			same(t, below, value)
		}
		if _, ok := jsonscan.Element(at, len(want)); ok {
			t.Fatalf("%s has more than %d elements", token, len(want))
		}
	case string:
		got, ok := jsonscan.AppendString(nil, token)
		if kind != jsonscan.String || !ok || string(bytes.ToValidUTF8(got, []byte("\uFFFD"))) != strings.ToValidUTF8(want, "\uFFFD") {
			t.Fatalf("%s is %q, not %q", token, got, want)
		}
	case json.Number:
		if kind != jsonscan.Number || string(token) != string(want) {
			t.Fatalf("%s, not %s", token, want)
		}
	case bool:
		if kind != jsonscan.True && kind != jsonscan.False || (kind == jsonscan.True) != want {
			t.Fatalf("%s, not %v", token, want)
		}
	default:
		if kind != jsonscan.Null {
			t.Fatalf("%s, not null", token)
		}
	}
}

// FuzzScan: in text that is JSON each value is found that a parser reads, and
// no other; no text breaks the scan.
func FuzzScan(f *testing.F) {
	for _, text := range []string{
		`{"deviceid":"garage","f":12,"t":"18.21","n":{"a":[1,-2.5e3,true,null,"x\ud83d\ude00"]}}`,
		`[[],{},"",0,[{"a":{}}]]`, `{"a\\":"\\\"","a\\":1}`, `{"a":1`, "{\"\\u0061\":\"\\ud800\"}", ` "x" `, "[\"\xff\"]",
	} {
		f.Add([]byte(text), "a", 1)
	}
	f.Fuzz(func(t *testing.T, text []byte, key string, index int) {
		for _, at := range [][]byte{text, below(text, key, index)} {
			if token, kind := jsonscan.Token(at); kind == jsonscan.String {
				if out, _ := jsonscan.AppendString(nil, token); len(out) > len(token) {
					t.Fatalf("%s becomes longer: %q", token, out)
				}
			}
		}
		// Where a text is no UTF-8, a parser changes the keys that are asked for.
		if !json.Valid(text) || bytes.ContainsRune(text, '\uFFFD') || !bytes.Equal(bytes.ToValidUTF8(text, nil), text) {
			return
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		want, err := parsed(d)
		if err != nil {
			return // nested too deep for the parser
		}
		same(t, text, want)
	})
}

func below(text []byte, key string, index int) []byte {
	if at, ok := jsonscan.Member(text, key); ok {
		return at
	}
	at, _ := jsonscan.Element(text, index&0xff)
	return at
}

func BenchmarkMember(b *testing.B) {
	text := []byte(`{"ts":"2026-11-20T10:00:00.123456Z","level":"info","service":"checkout","host":"node-17.eu-west-1.example","msg":"order accepted after payment","order":{"id":918273645,"total":129.95,"items":3},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","duration_ms":41.7,"retry":false,"user":"u-59137"}`)
	for _, key := range []string{"level", "user"} {
		b.Run(key, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := jsonscan.Member(text, key); !ok {
					b.Fatal("not found")
				}
			}
		})
	}
}
