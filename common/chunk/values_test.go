package chunk

import (
	"bytes"
	"slices"
	"testing"
)

func TestValues(t *testing.T) {
	f := func(m, key string, want ...string) {
		t.Helper()
		got := slices.Collect(Values(fromHex(t, m), key))
		if !slices.EqualFunc(got, want, func(v []byte, w string) bool { return bytes.Equal(v, fromHex(t, w)) }) {
			t.Errorf("%s of %s: got %x, want %s", key, m, got, want)
		}
	}
	f("80", "a")
	f("", "a")
	f("90", "a")
	f("81 a1 61 05", "a", "05")
	f("81 a1 61 05", "b")
	f("83 a1 61 05 a1 62 06 a1 61 91 c0", "a", "05", "91c0")
	f("82 c4 01 61 05 01 06", "a", "05") // a binary key is a key, a number is none
	f("83 a1 61 05 a1 62 c1 a1 61 06", "a", "05")
	f("82 a1 61 05 a1 61 a2 62", "a", "05")
	f("81 c0 05", "")
}

func TestValuesStops(t *testing.T) {
	n := 0
	for range Values(fromHex(t, "83 a1 61 05 a1 61 06 a1 61 07"), "a") {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("got %d values", n)
	}
}

// Two Kafka records that the multiline filter joined keep both origins.
func TestValuesOfJoinedRecords(t *testing.T) {
	r := NewReader(goldens(t)["multiline"])
	var origins []int
	for ev := (Event{}); r.Next(&ev); {
		n := 0
		for range Values(ev.Metadata, "kafka") {
			n++
		}
		origins = append(origins, n)
	}
	if !slices.Equal(origins, []int{2, 1}) {
		t.Errorf("got %v origins", origins)
	}
}
