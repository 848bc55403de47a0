package accessor

import (
	"errors"
	"reflect"
	"testing"

	"github.com/tidegate/tidegate/common/chunk"
)

func FuzzCompile(f *testing.F) {
	for _, path := range []string{"$a", "$a['b'][0][\"c\"]", "$TAG[1]", "$['it''s']", "$a[", "$a.b", "@metadata['a']", "@resource['b']", "@scope", "@x"} {
		f.Add(path)
	}
	ev := grouped()
	f.Fuzz(func(t *testing.T, path string) {
		a, err := Compile(path)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Column < 1 || syntax.Column > len(path)+1 || a != nil {
				t.Fatalf("%q: %v", path, err)
			}
			return
		}
		// The first letter alone tells whether a path leads into the record.
		inRecord := a.Source() == Record || !a.InEvent()
		if !IsPath(path) || inRecord != (path[0] == '$') {
			t.Fatalf("%q: source %d", path, a.Source())
		}
		a.Name()
		a.Lookup(ev)
		a.LookupTag(path)
	})
}

// Whatever the bytes are, a set finds what its accessors find one by one.
func FuzzLookup(f *testing.F) {
	f.Add(record(), "$b['c'][1]['d']", "a")
	f.Add([]byte{0x82, 0xa1}, "$a[0]", "")
	f.Add(grouped().GroupBody, "@resource['service.name']", "a")
	f.Add(grouped().Metadata, "@metadata['kafka']['topic']", "a")
	f.Fuzz(func(t *testing.T, data []byte, path, key string) {
		a, err := Compile(path)
		if err != nil {
			return
		}
		ev := &chunk.Event{Body: data, Metadata: data, GroupBody: data}
		values := make([][]byte, 2)
		set := NewSet(a, Key(key))
		set.Lookup(ev, values)
		one, ok := a.Lookup(ev)
		two, ok2 := Key(key).Lookup(ev)
		if rest, err := chunk.Skip(data); err != nil || len(rest) > 0 {
			// Not msgpack: only that nothing panics.
			return
		}
		if string(values[0]) != string(one) || string(values[1]) != string(two) || ok != (values[0] != nil) || ok2 != (values[1] != nil) {
			t.Fatalf("set found %q, lookups %q and %q", values, one, two)
		}
		picks := set.Picks()
		pairs, all := chunk.ReadPairs(data), ^chunk.KeyLengths(0)
		for key, value, ok := pairs.Next(all); ok; key, value, ok = pairs.Next(all) {
			if place := picks.Place(key); place >= 0 {
				picks.Put(place, value)
			}
		}
		picked := [][]byte{data, data}
		set.LookupPicked(ev, picks, picked, nil)
		if !reflect.DeepEqual(picked, values) {
			t.Fatalf("picked %q, looked up %q", picked, values)
		}
	})
}
