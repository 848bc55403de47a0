package resume

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestClaimTakesOnce(t *testing.T) {
	s := New[int](10, time.Hour)
	key := s.Key("tag", []byte("chunk"))
	if _, ok := s.Claim(key); ok {
		t.Error("claimed what nobody kept")
	}
	s.Keep(key, 7)
	if got, ok := s.Claim(s.Key("tag", []byte("chunk"))); !ok || got != 7 {
		t.Errorf("got %d, %v", got, ok)
	}
	if _, ok := s.Claim(key); ok {
		t.Error("claimed twice")
	}
}

// Two equal chunks that both wait are two states, the oldest first.
func TestEqualChunks(t *testing.T) {
	s := New[string](10, time.Hour)
	key := s.Key("", nil)
	s.Keep(key, "first")
	s.Keep(key, "second")
	for _, want := range []string{"first", "second"} {
		if got, ok := s.Claim(key); !ok || got != want {
			t.Errorf("got %q, %v; want %q", got, ok, want)
		}
	}
}

func TestKeysDiffer(t *testing.T) {
	s := New[int](10, time.Hour)
	seen := map[Key]string{}
	for _, c := range [][2]string{{"", ""}, {"a", ""}, {"", "a"}, {"ab", "c"}, {"a", "bc"}, {"a", "bd"}} {
		key := s.Key(c[0], []byte(c[1]))
		if other, ok := seen[key]; ok {
			t.Errorf("%q has the key of %s", c, other)
		}
		seen[key] = c[0] + "|" + c[1]
	}
	if s.Key("a", nil) == New[int](1, 1).Key("a", nil) {
		t.Error("two stores hash alike")
	}
}

func TestFullStoreForgetsTheOldest(t *testing.T) {
	const most = 3
	s := New[int](most, time.Hour)
	keys := make([]Key, 5)
	for i := range keys {
		keys[i] = s.Key("tag", strconv.AppendInt(nil, int64(i), 10))
		s.Keep(keys[i], i)
	}
	for i, key := range keys {
		got, ok := s.Claim(key)
		if want := i >= len(keys)-most; ok != want || ok && got != i {
			t.Errorf("chunk %d: got %d, %v", i, got, ok)
		}
	}
}

func TestStatesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New[int](10, time.Hour)
		old, young := s.Key("", []byte("old")), s.Key("", []byte("young"))
		s.Keep(old, 1)
		time.Sleep(time.Hour - time.Second)
		s.Keep(young, 2)
		time.Sleep(time.Second)
		if _, ok := s.Claim(old); ok {
			t.Error("claimed after an hour")
		}
		if got, ok := s.Claim(young); !ok || got != 2 {
			t.Errorf("got %d, %v", got, ok)
		}
	})
}
