package jsontext

import (
	"strings"
	"testing"
)

// omitOf makes an Omit of paths whose keys are between dots.
func omitOf(paths ...string) *Omit {
	o := &Omit{}
	for _, p := range paths {
		o.Add(strings.Split(p, ".")...)
	}
	return o
}

func TestOmit(t *testing.T) {
	// {"a":1,"b":{"c":2,"d":{"e":3}},"f":[{"c":4}],5:6}
	const value = "84 a1 61 01 a1 62 82 a1 63 02 a1 64 81 a1 65 03 a1 66 91 81 a1 63 04 05 06"
	f := func(want string, paths ...string) {
		t.Helper()
		if got, err := AppendWithout(nil, fromHex(t, value), omitOf(paths...)); err != nil || string(got) != want {
			t.Errorf("%v: got %s, %v; want %s", paths, got, err, want)
		}
	}
	f(`{"a":1,"b":{"c":2,"d":{"e":3}},"f":[{"c":4}],"5":6}`)
	f(`{"b":{"c":2,"d":{"e":3}},"f":[{"c":4}],"5":6}`, "a")
	f(`{"a":1,"b":{"d":{"e":3}},"f":[{"c":4}],"5":6}`, "b.c", "c", "x.y", "a.b", "f.c", "5")
	f(`{"a":1,"b":{"c":2,"d":{}},"5":6}`, "b.d.e", "f")
	f(`{"a":1,"b":{"d":{}},"f":[{"c":4}],"5":6}`, "b.d.e", "b.c", "b.c.x")
	f(`{"a":1,"f":[{"c":4}],"5":6}`, "b.d", "b", "b.c")
}

func TestSingle(t *testing.T) {
	f := func(value, want string, paths ...string) {
		t.Helper()
		single, below, ok := omitOf(paths...).Single(fromHex(t, value))
		if ok != (want != "") {
			t.Errorf("%s without %v: %v", value, paths, ok)
		} else if !ok {
			return
		}
		if got, err := AppendValue(nil, single, below); err != nil || string(got) != want {
			t.Errorf("%s without %v: got %s, %v", value, paths, got, err)
		}
	}
	f("81 a1 61 01", "1")
	f("82 a1 61 01 a1 62 02", "")
	f("82 a1 61 01 a1 62 02", "2", "a")
	f("82 a1 61 01 a1 62 02", "", "a", "b")
	f("81 a1 61 82 a1 62 01 a1 63 02", `{"c":2}`, "a.b")
	f("80", "")
	f("90", "")
	f("82 a1 61 01 a1", "")
}

func TestOmitDoesNotAllocate(t *testing.T) {
	value, omit := fromHex(t, "82 a1 61 81 a1 62 01 a1 63 02"), omitOf("a.b", "x")
	var dst []byte
	if n := testing.AllocsPerRun(10, func() {
		var err error
		if dst, err = AppendWithout(dst[:0], value, omit); err != nil {
			t.Fatal(err)
		}
		omit.Single(value)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
