package labels

import (
	"math/rand/v2"
	"testing"
)

func TestMerge(t *testing.T) {
	f := func(want string, set []string, more ...string) {
		t.Helper()
		pairs := func(list []string) (set []Label) {
			for i := 0; i < len(list); i += 2 {
				set = append(set, Label{list[i], []byte(list[i+1])})
			}
			return set
		}
		chosen, others := pairs(set), pairs(more)
		for range 10 {
			mixed := append([]Label(nil), others...)
			rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
			got, _ := Append(nil, Merge(append([]Label(nil), chosen...), mixed))
			if string(got) != want {
				t.Errorf("%q: got %s, want %s", mixed, got, want)
			}
		}
	}
	f(`{}`, nil)
	f(`{a="1", b_c="2"}`, nil, "b.c", "2", "a", "1")
	f(`{a_b="1", a_b_2="2", a_b_3="3"}`, nil, "a_b", "1", "a-b", "2", "a.b", "3")
	f(`{a_b="2", a_b_2="9", a_b_2_2="x", a_b_3="3"}`, nil, "a-b", "2", "a.b", "3", "a_b_2", "9", "a.b.2", "x")
	f(`{a="mine", c="4"}`, []string{"a", "mine", "b", ""}, "a", "1", "c", "4")
	f(`{a="mine", b="5"}`, []string{"a", "mine", "b", ""}, "b", "5")
	f(`{_="y", _1="x", _2="z"}`, nil, "1", "x", "", "y", "2", "z")
	f(`{a_b="2"}`, nil, "a.b", "", "a-b", "2")
}

// Of equal keys the last counts.
func TestMergeRepeatedKeys(t *testing.T) {
	got, _ := Append(nil, Merge(nil, []Label{{"a", []byte("1")}, {"b", []byte("x")}, {"a", []byte("2")}, {"b", nil}}))
	if string(got) != `{a="2"}` {
		t.Errorf("got %s", got)
	}
}
