package main

import "testing"

func TestTally(t *testing.T) {
	f := func(arrived []int, want verdict) {
		t.Helper()
		found := newTally(4)
		for _, n := range arrived {
			found.add(n)
		}
		if got := found.verdict(); got != want {
			t.Errorf("%v of 4: got %+v, want %+v", arrived, got, want)
		}
	}
	f([]int{3, 1, 0, 2}, verdict{})
	f(nil, verdict{Missing: 4})
	f([]int{0, 1, 2}, verdict{Missing: 1})
	f([]int{0, 1, 2, 3, 3, 3}, verdict{Doubled: 2})
	f([]int{0, 0, 1, 2}, verdict{Missing: 1, Doubled: 1})
	f([]int{0, 1, 2, 3, 4}, verdict{Note: "1 that nobody wrote"})
	f([]int{0, 1, 2, 3, -1}, verdict{Note: "1 that nobody wrote"})
}

func TestTallyFirst(t *testing.T) {
	found := newTally(2)
	if !found.add(1) || found.add(1) || found.add(2) {
		t.Error("the first, and only the first, of a record is to be told")
	}
}

// A count alone calls a run good in which one record was lost and another one doubled.
func TestVerdictOfCountAndSum(t *testing.T) {
	f := func(count int, sum float64, clean bool, text string) {
		t.Helper()
		got := verdictOf(5, count, sum) // 0+1+2+3+4 = 10
		if got.clean() != clean || got.String() != text {
			t.Errorf("%d records with sum %v: clean %v, %q; want %v, %q", count, sum, got.clean(), got, clean, text)
		}
	}
	f(5, 10, true, "all, once")
	f(4, 6, false, "1 missing")
	f(7, 17, false, "2 too many")
	f(5, 11, false, "some missing and as many doubled: their numbers sum up to 11 in place of 10")
}
