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

// lookup finds one path in a body alone.
func lookup(a *Accessor, body []byte) (value []byte, ok bool) {
	return a.Lookup(&chunk.Event{Body: body})
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
		value, ok := lookup(a, body)
		if !ok || string(value) != want {
			t.Errorf("%s: got %q, %v; want %q", path, value, ok, want)
		}
		values := make([][]byte, 2)
		NewSet(Key("absent"), a).Lookup(&chunk.Event{Body: body}, values)
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
		if value, ok := lookup(a, body); ok || value != nil {
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
	NewSet(a).Lookup(&chunk.Event{Body: b}, values)
	if value, ok := lookup(a, b); ok || values[0] != nil {
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
		if isTag := strings.HasPrefix(path, "$TAG"); a.InEvent() == isTag {
			t.Errorf("%s: in event %v", path, a.InEvent())
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
	f("@", 2, "metadata, resource, scope or group")
	f("@timestamp", 2, "$['@key']")
	f("@Metadata['a']", 2, "metadata, resource, scope or group")
	f("@['a']", 2, "metadata, resource, scope or group")
	f("@metadata", 10, "@metadata['key']")
	f("@scope", 7, "@scope['key']")
	f("@metadata[0]", 10, "starts with a key")
	f("@resource[0]", 10, "starts with a key")
	f("@resource.name", 10, "a dot does not go deeper")
	f("@group['a'", 11, "closing ]")
	f("@TAG", 2, "metadata, resource, scope or group")
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
	resource, err := Compile("@resource['service.name']")
	if err != nil {
		t.Fatal(err)
	}
	set := NewSet(Key("a"), a, resource)
	values := make([][]byte, 3)
	ev := grouped()
	ev.Body = body
	n := testing.AllocsPerRun(100, func() {
		set.Lookup(&chunk.Event{Body: body}, values)
		set.Lookup(ev, values)
		a.Lookup(ev)
		resource.Lookup(ev)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
	if values[0] == nil || values[1] == nil || values[2] == nil {
		t.Errorf("found %q", values)
	}
}
