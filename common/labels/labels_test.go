package labels

import (
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	for _, name := range []string{"a", "_", "A_1", "deviceid"} {
		if err := CheckName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{"": "_", "1a": "_1a", "a.b": "a_b", "a-b": "a_b", "é": "_", "a b": "a_b", "a:b": "a_b"} {
		err := CheckName(name)
		if err == nil || !strings.HasSuffix(err.Error(), "such as "+want) {
			t.Errorf("%q: got %v, want one that ends with %s", name, err, want)
		}
	}
}

func FuzzSanitize(f *testing.F) {
	f.Add("a.b")
	f.Add("1")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, name string) {
		if err := CheckName(Sanitize(name)); err != nil {
			t.Errorf("%q becomes %q", name, Sanitize(name))
		}
		if CheckName(name) == nil && Sanitize(name) != name {
			t.Errorf("the valid name %q becomes %q", name, Sanitize(name))
		}
	})
}

func TestNamesFindsCollisions(t *testing.T) {
	var n Names
	if err := n.Add("a_b", "$a['a.b']"); err != nil {
		t.Fatal(err)
	}
	if err := n.Add("c", "c=x"); err != nil {
		t.Fatal(err)
	}
	err := n.Add("a_b", "a_b=x")
	if err == nil || !strings.Contains(err.Error(), "label a_b is set twice, by $a['a.b'] and by a_b=x") {
		t.Errorf("got %v", err)
	}
}

func TestAppend(t *testing.T) {
	f := func(want string, wantN int, pairs ...string) {
		t.Helper()
		var set []Label
		for i := 0; i < len(pairs); i += 2 {
			set = append(set, Label{pairs[i], []byte(pairs[i+1])})
		}
		Sort(set)
		got, n := Append([]byte("x"), set)
		if string(got) != "x"+want || n != wantN {
			t.Errorf("got %s, %d; want %s, %d", got[1:], n, want, wantN)
		}
	}
	f(`{}`, 0)
	f(`{}`, 0, "a", "")
	f(`{a="x"}`, 1, "a", "x")
	f(`{a="x", b="y"}`, 2, "b", "y", "a", "x")
	f(`{a="x", c="z"}`, 2, "c", "z", "b", "", "a", "x")
	f(`{a="say \"hi\"\\\n"}`, 1, "a", "say \"hi\"\\\n")
	f(`{a="é?"}`, 1, "a", "é\uFFFD") // see Append
}
