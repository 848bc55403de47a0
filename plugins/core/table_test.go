package main

import "testing"

func TestTable(t *testing.T) {
	var names table[string]
	a, b := names.add("a"), names.add("b")
	if a == 0 || b == 0 || a == b {
		t.Fatalf("numbers %d and %d", a, b)
	}
	if name, ok := names.get(a); name != "a" || !ok {
		t.Errorf("got %q, %v", name, ok)
	}
	if name, ok := names.take(a); name != "a" || !ok {
		t.Errorf("took %q, %v", name, ok)
	}
	for _, gone := range []uintptr{0, a, b + 1} {
		if name, ok := names.take(gone); ok {
			t.Errorf("%d gives %q", gone, name)
		}
	}
	if c := names.add("c"); c == a {
		t.Error("a number was given again")
	}
	if all := names.takeAll(); len(all) != 2 || len(names.takeAll()) != 0 {
		t.Errorf("took %v", all)
	}
}
