package accessor

import (
	"errors"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

// record is {"a":"x","b":{"c":["y",{"d":7}],"e.f":"z"},"a'b":1,"":2,"dup":1,"dup":2,5:"five","n":nil}.
func record() []byte {
	b := chunk.AppendMapHeader(nil, 8)
	b = chunk.AppendString(chunk.AppendString(b, "a"), "x")
	b = chunk.AppendMapHeader(chunk.AppendString(b, "b"), 2)
	b = chunk.AppendArrayHeader(chunk.AppendString(b, "c"), 2)
	b = chunk.AppendString(b, "y")
	b = chunk.AppendInt(chunk.AppendString(chunk.AppendMapHeader(b, 1), "d"), 7)
	b = chunk.AppendString(chunk.AppendString(b, "e.f"), "z")
	b = chunk.AppendInt(chunk.AppendString(b, "a'b"), 1)
	b = chunk.AppendInt(chunk.AppendString(b, ""), 2)
	b = chunk.AppendInt(chunk.AppendString(b, "dup"), 1)
	b = chunk.AppendInt(chunk.AppendString(b, "dup"), 2)
	b = chunk.AppendString(chunk.AppendInt(b, 5), "five")
	return chunk.AppendNil(chunk.AppendString(b, "n"))
}

func TestLookup(t *testing.T) {
	body := record()
	f := func(path, want string) {
		t.Helper()
		a, err := Compile(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		value, ok := a.Lookup(body)
		if !ok || string(value) != want {
			t.Errorf("%s: got %q, %v; want %q", path, value, ok, want)
		}
		values := make([][]byte, 2)
		NewSet(Key("absent"), a).Lookup(body, values)
		if values[0] != nil || string(values[1]) != want {
			t.Errorf("%s in a set: got %q", path, values)
		}
	}
	f("$a", "\xa1x")
	f("$['a']", "\xa1x")
	f(`$["a"]`, "\xa1x")
	f("$b['e.f']", "\xa1z")
	f(`$b[ "e.f" ]`, "\xa1z")
	f("$b['c'][0]", "\xa1y")
	f("$b['c'][1]['d']", "\x07")
	f("$['a''b']", "\x01")
	f(`$["a'b"]`, "\x01")
	f("$['']", "\x02")
	f("$dup", "\x02")
	f("$n", "\xc0")
}

func TestLookupFindsNothing(t *testing.T) {
	body := record()
	for _, path := range []string{"$x", "$a['b']", "$a[0]", "$b[0]", "$b['c'][2]", "$b['c']['d']", "$dup['x']", "$5x", "$TAG"} {
		a, err := Compile(path)
		if path == "$5x" {
			if err == nil {
				t.Errorf("%s compiles", path)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if value, ok := a.Lookup(body); ok || value != nil {
			t.Errorf("%s: got %q", path, value)
		}
	}
}

// A later pair hides an earlier one even where it holds something else.
func TestLastPairCounts(t *testing.T) {
	b := chunk.AppendMapHeader(nil, 2)
	b = chunk.AppendInt(chunk.AppendString(chunk.AppendMapHeader(chunk.AppendString(b, "a"), 1), "x"), 1)
	b = chunk.AppendString(chunk.AppendString(b, "a"), "text")
	a, err := Compile("$a['x']")
	if err != nil {
		t.Fatal(err)
	}
	values := [][]byte{nil}
	NewSet(a).Lookup(b, values)
	if value, ok := a.Lookup(b); ok || values[0] != nil {
		t.Errorf("got %q and %q", value, values[0])
	}
}

func TestLookupTag(t *testing.T) {
	f := func(path, tag, want string) {
		t.Helper()
		a, err := Compile(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		if got, ok := a.LookupTag(tag); got != want || ok != (want != "") {
			t.Errorf("%s of %s: got %q, %v; want %q", path, tag, got, ok, want)
		}
	}
	f("$TAG", "kafka.orders.v1", "kafka.orders.v1")
	f("$TAG", "", "")
	f("$TAG[0]", "kafka.orders.v1", "kafka")
	f("$TAG[1]", "kafka.orders.v1", "orders")
	f("$TAG[2]", "kafka.orders.v1", "v1")
	f("$TAG[3]", "kafka.orders.v1", "")
	f("$TAG[1]", "kafka..v1", "")
	f("$a", "kafka", "")
}

func TestNames(t *testing.T) {
	f := func(path, name, top string, nested bool) {
		t.Helper()
		a, err := Compile(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		if a.Name() != name || a.Top() != top || a.Nested() != nested || a.String() != path {
			t.Errorf("%s: got name %q, top %q, nested %v", a, a.Name(), a.Top(), a.Nested())
		}
	}
	f("$a", "a", "a", false)
	f("$a['b.c']", "b.c", "a", true)
	f("$a['b'][3]", "b", "a", true)
	f("$x-y/z_1", "x-y/z_1", "x-y/z_1", false)
	f("$TAG", "tag", "", false)
	f("$TAG[2]", "tag", "", false)
	f("$TAGS", "TAGS", "TAGS", false)
	f("$['TAG']", "TAG", "TAG", false)
}

func TestCompileSaysWhereAndWhy(t *testing.T) {
	f := func(path string, column int, rule string) {
		t.Helper()
		_, err := Compile(path)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: got %v", path, err)
			return
		}
		if syntax.Column != column || !strings.Contains(syntax.Rule, rule) {
			t.Errorf("%q: got %v; want column %d: … %s …", path, err, column, rule)
		}
	}
	f("", 1, "starts with $")
	f("a", 1, "starts with $")
	f("$", 2, "after $ comes a key")
	f("$1", 2, "after $ comes a key")
	f("$@timestamp", 2, "$['key']")
	f("$[0]", 2, "starts with a key")
	f("$a.b", 3, "$['a.b']")
	f("$a b", 3, "comes [ or the end")
	f("$a[", 4, "a quoted key or a number")
	f("$a[b]", 4, "a quoted key or a number")
	f("$a[-1]", 4, "a quoted key or a number")
	f("$a['b", 4, "never closed")
	f("$a['b'", 7, "closing ]")
	f("$a['b']c", 8, "comes [ or the end")
	f("$a[99999999999999999999]", 4, "an index is at most")
	f("$TAG['a']", 5, "$TAG[1]")
	f("$TAG[1][2]", 5, "$TAG[1]")
	f("$a"+strings.Repeat("[0]", 40), 99, "at most 32")
}

func TestLookupDoesNotAllocate(t *testing.T) {
	body := record()
	a, err := Compile("$b['c'][1]['d']")
	if err != nil {
		t.Fatal(err)
	}
	set := NewSet(Key("a"), a)
	values := make([][]byte, 2)
	if n := testing.AllocsPerRun(100, func() { set.Lookup(body, values); a.Lookup(body) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzCompile(f *testing.F) {
	for _, path := range []string{"$a", "$a['b'][0][\"c\"]", "$TAG[1]", "$['it''s']", "$a[", "$a.b"} {
		f.Add(path)
	}
	body := record()
	f.Fuzz(func(t *testing.T, path string) {
		a, err := Compile(path)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Column < 1 || syntax.Column > len(path)+1 || a != nil {
				t.Fatalf("%q: %v", path, err)
			}
			return
		}
		a.Name()
		a.Lookup(body)
		a.LookupTag(path)
	})
}

// Whatever the bytes are, a set finds what its accessors find one by one.
func FuzzLookup(f *testing.F) {
	f.Add(record(), "$b['c'][1]['d']", "a")
	f.Add([]byte{0x82, 0xa1}, "$a[0]", "")
	f.Fuzz(func(t *testing.T, body []byte, path, key string) {
		a, err := Compile(path)
		if err != nil || a.Source() != Record {
			return
		}
		if rest, err := chunk.Skip(body); err != nil || len(rest) > 0 {
			// Not msgpack: only that it does not panic.
			a.Lookup(body)
			NewSet(a).Lookup(body, make([][]byte, 1))
			return
		}
		values := make([][]byte, 2)
		NewSet(a, Key(key)).Lookup(body, values)
		one, ok := a.Lookup(body)
		two, ok2 := Key(key).Lookup(body)
		if string(values[0]) != string(one) || string(values[1]) != string(two) || ok != (values[0] != nil) || ok2 != (values[1] != nil) {
			t.Fatalf("set found %q, lookups %q and %q", values, one, two)
		}
	})
}
