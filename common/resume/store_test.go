package resume

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestClaimTakesOnce(t *testing.T) {
	s := New[int](10, time.Hour)
	data := []byte("chunk")
	if _, ok := s.Claim("tag", data); ok {
		t.Error("claimed what nobody kept")
	}
	s.Keep("tag", data, 7)
	if got, ok := s.Claim("tag", []byte("chunk")); !ok || got != 7 {
		t.Errorf("got %d, %v", got, ok)
	}
	if _, ok := s.Claim("tag", data); ok {
		t.Error("claimed twice")
	}
}

// Two equal chunks that both wait are two states, the oldest first.
func TestEqualChunks(t *testing.T) {
	s := New[string](10, time.Hour)
	s.Keep("", nil, "first")
	s.Keep("", nil, "second")
	for _, want := range []string{"first", "second"} {
		if got, ok := s.Claim("", nil); !ok || got != want {
			t.Errorf("got %q, %v; want %q", got, ok, want)
		}
	}
}

func TestKeysDiffer(t *testing.T) {
	s := New[int](10, time.Hour)
	seen := map[key]string{}
	for _, c := range [][2]string{{"", ""}, {"a", ""}, {"", "a"}, {"ab", "c"}, {"a", "bc"}, {"a", "bd"}} {
		key := s.key(c[0], []byte(c[1]))
		if other, ok := seen[key]; ok {
			t.Errorf("%q has the key of %s", c, other)
		}
		seen[key] = c[0] + "|" + c[1]
	}
	if s.key("a", nil) == New[int](1, 1).key("a", nil) {
		t.Error("two stores hash alike")
	}
}

func TestFullStoreForgetsTheOldest(t *testing.T) {
	const most = 3
	s := New[int](most, time.Hour)
	const all = 5
	data := func(i int) []byte { return strconv.AppendInt(nil, int64(i), 10) }
	for i := range all {
		s.Keep("tag", data(i), i)
	}
	for i := range all {
		got, ok := s.Claim("tag", data(i))
		if want := i >= all-most; ok != want || ok && got != i {
			t.Errorf("chunk %d: got %d, %v", i, got, ok)
		}
	}
}

func TestStatesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New[int](10, time.Hour)
		old, young := []byte("old"), []byte("young")
		s.Keep("", old, 1)
		time.Sleep(time.Hour - time.Second)
		s.Keep("", young, 2)
		time.Sleep(time.Second)
		if _, ok := s.Claim("", old); ok {
			t.Error("claimed after an hour")
		}
		if got, ok := s.Claim("", young); !ok || got != 2 {
			t.Errorf("got %d, %v", got, ok)
		}
	})
}
