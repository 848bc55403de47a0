package inkafka

import (
	"slices"
	"testing"
)

func TestHanded(t *testing.T) {
	var count int64
	known := true
	h := handed{taken: func() (int64, bool) { return count, known }}
	var got []int64
	settle := func(taken int64, want ...int64) {
		t.Helper()
		count, got = taken, nil
		h.settle(func(marks []mark) { got = append(got, marks[0].next) })
		if !slices.Equal(got, want) {
			t.Errorf("with %d taken: got %v, want %v", taken, got, want)
		}
	}
	marks := []mark{{next: 1, records: 3}, {records: 2}}
	h.add(marks)
	marks[0].next = 99 // the batch is used again
	h.add([]mark{{next: 2}})
	h.add([]mark{{next: 3, records: 1}})
	settle(0)
	settle(4)
	settle(5, 1, 2) // tombstones have no record to wait for
	settle(5)
	h.add([]mark{{next: 4, records: 10}})
	settle(16, 3, 4)
	h.add([]mark{{next: 5, records: 1}})
	known = false
	settle(0, 5)
}

// TestHandedWithoutCount is for hosts that tell nothing.
func TestHandedWithoutCount(t *testing.T) {
	var h handed
	h.add([]mark{{next: 7, records: 1}})
	n := 0
	h.settle(func([]mark) { n++ })
	h.settle(func([]mark) { n++ })
	if n != 1 {
		t.Errorf("settled %d times", n)
	}
}
