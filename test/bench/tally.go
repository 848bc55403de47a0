package main

import "fmt"

// verdict is what became of the records of a run. A run that is not clean is no faster
// than one that did all its work.
type verdict struct {
	Missing int    `json:"missing"`
	Doubled int    `json:"doubled"`
	Note    string `json:"note,omitempty"`
}

func (v verdict) clean() bool { return v.Missing == 0 && v.Doubled == 0 && v.Note == "" }

func (v verdict) String() string {
	text := "all, once"
	switch {
	case v.Missing > 0 && v.Doubled > 0:
		text = fmt.Sprintf("%d missing, %d too many", v.Missing, v.Doubled)
	case v.Missing > 0:
		text = fmt.Sprintf("%d missing", v.Missing)
	case v.Doubled > 0:
		text = fmt.Sprintf("%d too many", v.Doubled)
	case v.Note != "":
		return v.Note
	}
	if v.Note != "" {
		text += ", " + v.Note
	}
	return text
}

// tally counts how often each of the records 0 to n-1 has come.
type tally struct {
	seen    []uint8
	foreign int // records that were never written
}

func newTally(n int) *tally { return &tally{seen: make([]uint8, n)} }

// add says whether it is the first of its number.
func (t *tally) add(n int) bool {
	if n < 0 || n >= len(t.seen) {
		t.foreign++
		return false
	}
	if t.seen[n] < 255 {
		t.seen[n]++
	}
	return t.seen[n] == 1
}

func (t *tally) verdict() (v verdict) {
	for _, n := range t.seen {
		if n == 0 {
			v.Missing++
		} else {
			v.Doubled += int(n) - 1
		}
	}
	if t.foreign > 0 {
		v.Note = fmt.Sprintf("%d that nobody wrote", t.foreign)
	}
	return v
}

// verdictOf judges by a count and by the sum of the numbers 0 to n-1, where the records
// themselves are too many to be read back: one lost and another doubled changes the sum.
func verdictOf(n, count int, sum float64) verdict {
	v := verdict{Missing: max(0, n-count), Doubled: max(0, count-n)}
	// Exact: both sides are whole numbers far below 2^53.
	if expected := float64(n) * float64(n-1) / 2; v.clean() && sum != expected {
		v.Note = fmt.Sprintf("some missing and as many doubled: their numbers sum up to %.0f in place of %.0f", sum, expected)
	}
	return v
}
